// A SnapPass on the wire: both interfaces, the question whether a value is still there, and the page that shows it once.
// It answers as the public program does, pages in its words left out; time is the lab's.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { CloudContext } from "../cloud/context";
import { createServer, listen, type RunningServer } from "../cloud/server";
import { LONGEST_TTL_SECONDS, type OneTimeValues } from "./store";

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[?::1\]?)$/;

/** Starts the server. */
export async function startSnapPass(
  context: CloudContext,
  values: OneTimeValues,
  port: number,
): Promise<RunningServer> {
  const server = await createServer("snappass", context);
  server.setErrorHandler(async (error: Error & { statusCode?: number }, _request, reply) => {
    await page(reply, error.statusCode ?? 500, "Error");
  });
  server.setNotFoundHandler((_request, reply) => page(reply, 404, "Not Found"));
  addFirst(server, values);
  addSecond(server, values);
  addPages(server, values);
  const listening = await listen(server, port);
  context.endpoints.snappassUrl = `https://localhost:${listening}`;
  return { port: listening, close: () => server.close() };
}

function addFirst(server: FastifyInstance, values: OneTimeValues): void {
  server.post("/api/set_password/", async (request, reply) => {
    if (!(request.raw.url ?? "").split("?")[0]?.endsWith("/")) {
      return reply.redirect("/api/set_password/", 308);
    }
    const { password, ttl } = bodyOf(request);
    if (password === "" || ttl > LONGEST_TTL_SECONDS) throw new Error("SnapPass answers 500.");
    const token = values.set(password, ttl);
    return { link: `${baseOf(request)}${encodeURIComponent(token)}`, ttl };
  });
}

function addSecond(server: FastifyInstance, values: OneTimeValues): void {
  const path = "/api/v2/passwords";
  server.post(path, async (request, reply) => {
    const { password, ttl } = bodyOf(request);
    const invalid = [
      ...(password === "" ? [{ name: "password", reason: "It must not be empty." }] : []),
      ...(ttl > LONGEST_TTL_SECONDS ? [{ name: "ttl", reason: "It is too long." }] : []),
    ];
    if (invalid.length > 0) {
      const title = "The password and/or the TTL are invalid.";
      return problem(request, reply, 400, "set-password-validation-error", title, invalid);
    }
    const token = values.set(password, ttl);
    const base = baseOf(request);
    const escaped = encodeURIComponent(token);
    return {
      token,
      links: [
        { rel: "self", href: `${base}api/v2/passwords/${escaped}` },
        { rel: "web-view", href: `${base}${escaped}` },
      ],
      ttl,
    };
  });
  server.head<{ Params: { token: string } }>(`${path}/:token`, async (request, reply) =>
    reply.code(values.has(request.params.token) ? 200 : 404).send(),
  );
  server.route<{ Params: { token: string } }>({
    method: "GET",
    url: `${path}/:token`,
    // Fastify's own HEAD would run this, and consume.
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const password = values.take(request.params.token);
      if (password !== undefined) return { password };
      const title = "The password doesn't exist.";
      return problem(request, reply, 404, "get-password-error", title, [{ name: "token" }]);
    },
  });
}

function addPages(server: FastifyInstance, values: OneTimeValues): void {
  server.get("/_/_/health", async () => Promise.resolve({}));
  server.get<{ Params: { token: string } }>("/:token", (request, reply) =>
    values.has(request.params.token)
      ? page(reply, 200, '<form method="post"><button>Reveal secret</button></form>')
      : page(reply, 404, "Secret not found"),
  );
  server.post<{ Params: { token: string } }>("/:token", (request, reply) => {
    const value = values.take(request.params.token);
    return value === undefined
      ? page(reply, 404, "Secret not found")
      : page(reply, 200, `<textarea id="password-text" readonly>${escape(value)}</textarea>`);
  });
}

/** A text that is no text and a time that is no whole number break SnapPass: status 500. */
function bodyOf(request: FastifyRequest): { password: string; ttl: number } {
  const { password = "", ttl = LONGEST_TTL_SECONDS } = (request.body ?? {}) as {
    password?: unknown;
    ttl?: unknown;
  };
  const seconds = Number(ttl);
  if (typeof password !== "string" || !Number.isInteger(seconds) || seconds < 1) {
    throw new Error("SnapPass answers 500.");
  }
  return { password, ttl: seconds };
}

/** Without a host set by its owner, SnapPass trusts loopback names only. */
function baseOf(request: FastifyRequest): string {
  if (!LOOPBACK.test(request.hostname.toLowerCase())) {
    throw Object.assign(new Error("Bad Request"), { statusCode: 400 });
  }
  return `https://${request.host}/`;
}

async function problem(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  type: string,
  title: string,
  invalid: readonly object[],
): Promise<FastifyReply> {
  const body = { type: `${baseOf(request)}${type}`, title, "invalid-params": invalid };
  return reply
    .code(status)
    .header("content-type", "application/problem+json")
    .send(JSON.stringify(body));
}

async function page(reply: FastifyReply, status: number, body: string): Promise<FastifyReply> {
  const html = `<!doctype html><title>SnapPass</title><body>${body}</body>`;
  return reply.code(status).header("content-type", "text/html; charset=utf-8").send(html);
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
