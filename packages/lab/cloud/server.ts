// A fastify server over HTTPS on loopback, as all emulated servers are: JSON and form bodies, paths without case,
// request ids, and the fault hook.
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from "fastify";
import type { CloudContext } from "./context";
import type { FaultRule, ServerName } from "./faults";
import { faultBody } from "./fault-bodies";

export type { ServerName } from "./faults";

/** A server that listens; `close` ends its open connections too. */
export interface RunningServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Turns a URL into the one that is routed, before routing. */
export type RewriteUrl = (url: string) => string;

export function createServer(
  name: ServerName,
  context: CloudContext,
  rewriteUrl?: RewriteUrl,
): Promise<FastifyInstance> {
  const { certificates } = context;
  const options = {
    https: {
      cert: certificates.serverPem,
      key: certificates.serverKeyPem,
      minVersion: "TLSv1.2",
    },
    forceCloseConnections: true,
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: 1000 },
    genReqId: () => randomUUID(),
    ...(rewriteUrl && {
      rewriteUrl: (request: { url?: string }) => rewriteUrl(request.url ?? "/"),
    }),
  } as const;
  // The HTTPS overload gives an instance of another server type; nothing of ours depends on it.
  const server = fastify(options as FastifyServerOptions) as unknown as FastifyInstance;
  acceptBodies(server);
  // Node would say the machine's time; a rehearsal's is the lab's, whoever asks.
  server.addHook("onRequest", async (_request, reply) => {
    reply.header("date", context.clock.now().toUTCString());
    return Promise.resolve();
  });
  server.addHook("onRequest", async (request, reply) => injectFault(name, context, request, reply));
  server.addHook("onSend", async (request, reply, payload) => loseAnswer(request, reply, payload));
  return Promise.resolve(server);
}

/** @param port 0 lets the OS choose. */
export async function listen(server: FastifyInstance, port: number): Promise<number> {
  await server.listen({ host: "127.0.0.1", port });
  const address = server.server.address();
  if (address === null || typeof address === "string") throw new Error("server has no port.");
  return address.port;
}

function acceptBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    /^application\/(?:[\w.+-]+\+)?json/i,
    { parseAs: "string" },
    (_request, body, done) => {
      const text = body.toString();
      try {
        done(null, text.trim() === "" ? undefined : JSON.parse(text));
      } catch {
        done(Object.assign(new Error("The request body is not valid JSON."), { statusCode: 400 }));
      }
    },
  );
  server.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body.toString()))),
  );
  server.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) =>
    done(null, body.toString() === "" ? undefined : body),
  );
}

const pendingFault = new WeakMap<FastifyRequest, { rule: FaultRule; body: unknown }>();

async function injectFault(
  name: ServerName,
  context: CloudContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const rule = context.faults.take(name, request.method, request.raw.url ?? request.url);
  if (rule === undefined) return;
  if (rule.delayMs !== undefined && rule.delayMs > 0) await delay(rule.delayMs);
  if (rule.disconnect === true && rule.when !== "after") {
    reply.hijack();
    request.raw.destroy();
    return;
  }
  if (rule.status === 0) return;
  const body = faultBody(name, rule, request.id, context.clock.now());
  if (rule.when === "after") {
    pendingFault.set(request, { rule, body });
    return;
  }
  if (rule.retryAfterSeconds !== undefined) reply.header("retry-after", rule.retryAfterSeconds);
  await reply.code(rule.status).send(body);
}

function loseAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  const fault = pendingFault.get(request);
  if (fault === undefined) return Promise.resolve(payload);
  pendingFault.delete(request);
  const { rule, body } = fault;
  if (rule.disconnect === true) request.raw.destroy();
  if (rule.retryAfterSeconds !== undefined) reply.header("retry-after", rule.retryAfterSeconds);
  reply.code(rule.status).header("content-type", "application/json; charset=utf-8");
  reply.removeHeader("content-length");
  return Promise.resolve(JSON.stringify(body));
}
