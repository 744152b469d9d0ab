// An HTTPS client for loopback: trusts the lab's certificate authority and sends every *.localhost name to 127.0.0.1; what
// has another name is asked for at the proxy of the environment.
// One connection a request, as the azuread provider's client does; `requestWithRetry` retries what that one retries.
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { type LookupFunction, isIP } from "node:net";
import { lookup as systemLookup } from "node:dns";
import { setTimeout as delay } from "node:timers/promises";

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as it is; anything else as JSON. */
  readonly body?: unknown;
  /** PEM of the authority to trust. @default the file named by SSL_CERT_FILE or NODE_EXTRA_CA_CERTS */
  readonly caPem?: string;
  /** Real milliseconds. @default DEFAULT_TIMEOUT_MS */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Address of this machine to call from. @default the system's choice */
  readonly localAddress?: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body; undefined when it is empty or not JSON. */
  readonly json: unknown;
}

export interface RetryOptions {
  /** Real milliseconds for all attempts together. @default 60000 */
  readonly deadlineMs?: number;
  /** First pause; doubles each time. @default 1000 */
  readonly firstDelayMs?: number;
  /** Further answers to try again on. */
  readonly retryIf?: (response: HttpResponse) => boolean;
}

export const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_DEADLINE_MS = 60_000;
const FIRST_DELAY_MS = 1000;
const LOOPBACK = "127.0.0.1";

/** Maps localhost and *.localhost to loopback; other names are resolved as usual. */
export const loopbackLookup: LookupFunction = (hostname, options, callback) => {
  if (/(?:^|\.)localhost$/i.test(hostname)) {
    if (options.all === true) callback(null, [{ address: LOOPBACK, family: 4 }]);
    else callback(null, LOOPBACK, 4);
    return;
  }
  systemLookup(hostname, options, callback);
};

export async function request(args: HttpRequest): Promise<HttpResponse> {
  const url = new URL(args.url);
  const body = encode(args.body);
  const secure = url.protocol === "https:";
  const ca = secure ? (args.caPem ?? trustedAuthority()) : undefined;
  const agent = secure && !isLocal(url.hostname) ? throughProxy() : false;
  const options: https.RequestOptions = {
    method: args.method,
    headers: {
      accept: "application/json",
      ...(body !== undefined && { "content-length": String(Buffer.byteLength(body)) }),
      ...(typeof args.body === "object" && { "content-type": "application/json" }),
      ...args.headers,
    },
    agent,
    lookup: loopbackLookup,
    ...(ca !== undefined && { ca }),
    ...(secure && isIP(url.hostname) === 0 && { servername: url.hostname }),
    ...(args.signal && { signal: args.signal }),
    ...(args.localAddress !== undefined && { localAddress: args.localAddress }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = (secure ? https : http).request(url, options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const { statusCode = 0, headers } = incoming;
        resolve({ status: statusCode, headers, text, json: parse(text) });
      });
    });
    const timeoutMs = args.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    outgoing.setTimeout(timeoutMs, () => {
      outgoing.destroy(
        new Error(`${args.method} ${url.origin} gave no answer in ${timeoutMs} ms.`),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** Tries again on 408, 424, 429 and 5xx except 501, honouring Retry-After, until the deadline. */
export async function requestWithRetry(
  args: HttpRequest,
  options: RetryOptions = {},
): Promise<HttpResponse> {
  const deadline = Date.now() + (options.deadlineMs ?? DEFAULT_DEADLINE_MS);
  let pauseMs = options.firstDelayMs ?? FIRST_DELAY_MS;
  for (;;) {
    const response = await request(args);
    const again = isTransient(response.status) || options.retryIf?.(response) === true;
    const waitMs = retryAfterMs(response) ?? pauseMs;
    if (!again || Date.now() + waitMs > deadline) return response;
    await delay(waitMs, undefined, args.signal && { signal: args.signal });
    pauseMs *= 2;
  }
}

export function isTransient(status: number): boolean {
  return status === 408 || status === 424 || status === 429 || (status >= 500 && status !== 501);
}

function retryAfterMs(response: HttpResponse): number | undefined {
  const seconds = Number(response.headers["retry-after"] ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

const isLocal = (hostname: string): boolean =>
  isIP(hostname) !== 0 || /(?:^|\.)localhost$/i.test(hostname);

/** For a name that is no loopback's: the proxy of the environment, as the vendor's clients take it. */
function throughProxy(): https.Agent {
  return new https.Agent({ keepAlive: false, proxyEnv: process.env });
}

function encode(body: unknown): string | undefined {
  return body === undefined || typeof body === "string" ? body : JSON.stringify(body);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function trustedAuthority(): string | undefined {
  const file = process.env["SSL_CERT_FILE"] ?? process.env["NODE_EXTRA_CA_CERTS"];
  return file === undefined || file === "" ? undefined : readFileSync(file, "utf8");
}
