// One HTTPS request on a connection of its own: no cache, no reuse, a deadline, and nothing logged.
import https from "node:https";

/** A server's answer: its status, the body read as JSON where it is JSON, and the two headers that retrying and the clock go by. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** The server's own time, from Date. */
  readonly date?: Date | undefined;
  /** Seconds the server asks to wait, from Retry-After. */
  readonly retryAfterSeconds?: number | undefined;
}

/** One request. Nothing of it is logged; an error names the address without its query. */
export interface Question {
  readonly method: "GET" | "HEAD" | "POST";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMilliseconds: number;
}

const LOCAL = /^(localhost|127\.0\.0\.1|\[::1\])$/;
const MAX_BYTES = 4_194_304;

/** Asks once. Rejects when there is no answer in time. */
export function ask(question: Question): Promise<Answer> {
  const url = new URL(question.url);
  // A proxy is taken from the environment, as the provider plugins take it: never for this machine.
  const proxyEnv = LOCAL.test(url.hostname) ? undefined : process.env;
  const agent = new https.Agent({ keepAlive: false, ...(proxyEnv ? { proxyEnv } : {}) });
  return new Promise<Answer>((resolve, reject) => {
    const request = https.request(
      url,
      {
        method: question.method,
        agent,
        headers: { ...question.headers, connection: "close", accept: "application/json" },
        signal: AbortSignal.timeout(Math.max(1, Math.ceil(question.timeoutMilliseconds))),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_BYTES) request.destroy(new Error("the answer is too long"));
          else chunks.push(chunk);
        });
        response.on("error", reject);
        response.on("end", () => {
          const seconds = Number(response.headers["retry-after"]);
          resolve({
            status: response.statusCode ?? 0,
            body: parse(Buffer.concat(chunks).toString("utf8")),
            date: dateOf(response.headers.date),
            retryAfterSeconds: Number.isFinite(seconds) ? seconds : undefined,
          });
        });
      },
    );
    request.on("error", reject);
    request.end(question.body);
  }).finally(() => agent.destroy());
}

function dateOf(header = ""): Date | undefined {
  const date = new Date(header);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
