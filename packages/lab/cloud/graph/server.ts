// Microsoft Graph, v1.0 and beta on one server: each operation is checked against the caller's token, then handled.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { CloudContext } from "../context";
import { namesOf } from "../endpoints";
import { audiencesOf } from "../resources";
import { type RunningServer, createServer, listen } from "../server";
import { type Caller, TokenError } from "../tokens";
import { OPERATIONS } from "./catalogue";
import { GraphError, sendGraphError } from "./errors";
import type { GraphVersion, Operation } from "./operations";
import { authorise } from "./permissions";

const VERSIONS: readonly GraphVersion[] = ["v1.0", "beta"];
const ALTERNATE_KEY = /\/(?<set>[A-Za-z]+)\((?:(?<key>[A-Za-z]+)=)?'(?<value>[^']*)'\)/g;

/** Listens on loopback and fills in `endpoints.graphUrl`. */
export async function startGraph(context: CloudContext, port: number): Promise<RunningServer> {
  const server = await createServer("graph", context, rewriteAlternateKeys);
  server.addHook("onSend", async (request, reply, payload) => {
    reply.header("request-id", request.id).header("odata-version", "4.0");
    return Promise.resolve(payload);
  });
  handleErrors(server, context);
  for (const version of VERSIONS) {
    for (const operation of OPERATIONS) serve(server, context, version, operation);
  }
  const listening = await listen(server, port);
  context.endpoints.graphUrl = `https://localhost:${listening}`;
  return { port: listening, close: () => server.close() };
}

function serve(
  server: FastifyInstance,
  context: CloudContext,
  version: GraphVersion,
  operation: Operation,
): void {
  server.route({
    method: operation.method,
    url: `/${version}${operation.path}`,
    handler: async (request, reply) => {
      const caller = await identify(request, reply, context);
      const call = {
        context,
        directory: context.directory,
        caller,
        version,
        params: request.params as Record<string, string>,
        query: request.query as Record<string, string | undefined>,
        body: request.body,
        url: request.originalUrl,
      };
      authorise(operation, call);
      const { status, body } = operation.handle(call);
      if (body === undefined) return reply.code(status).send();
      const type =
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
      return reply.code(status).type(type).send(JSON.stringify(body));
    },
  });
}

async function identify(
  request: FastifyRequest,
  reply: FastifyReply,
  context: CloudContext,
): Promise<Caller> {
  try {
    const audiences = audiencesOf("graph", context.endpoints);
    return await context.tokens.verify(request.headers.authorization, audiences);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    const authority = `${namesOf(context.endpoints).loginUrl}/common/oauth2/authorize`;
    const challenge = `Bearer realm="", authorization_uri="${authority}", client_id="00000003-0000-0000-c000-000000000000"`;
    reply.header("www-authenticate", challenge);
    throw new GraphError(401, error.code, error.message);
  }
}

function handleErrors(server: FastifyInstance, context: CloudContext): void {
  server.setErrorHandler((error, request, reply) => {
    if (error instanceof GraphError) {
      return sendGraphError(error, request, reply, context.clock.now());
    }
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    const answer =
      status < 500
        ? new GraphError(
            status,
            "BadRequest",
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
          )
        : new GraphError(500, "InternalServerError", `The lab failed: ${(error as Error).message}`);
    return sendGraphError(answer, request, reply, context.clock.now());
  });
  server.setNotFoundHandler((request, reply) => {
    const path = (request.url.split("?")[0] ?? "").split("/");
    const segment = path.slice(2).join("/");
    const error = new GraphError(
      400,
      "BadRequest",
      `Resource not found for the segment '${segment}'.`,
    );
    return sendGraphError(error, request, reply, context.clock.now());
  });
}

/** servicePrincipals(appId='x') is routed as servicePrincipals/appId=x, users('x') as users/x. */
function rewriteAlternateKeys(url: string): string {
  const [path = "", query] = url.split("?", 2);
  const decoded = path
    .replaceAll("%27", "'")
    .replaceAll("%28", "(")
    .replaceAll("%29", ")")
    .replaceAll("%3D", "=")
    .replaceAll("%24", "$");
  const rewritten = decoded.replace(
    ALTERNATE_KEY,
    (_all, set: string, key: string | undefined, value: string) =>
      key === undefined ? `/${set}/${value}` : `/${set}/${key}=${value}`,
  );
  return query === undefined ? rewritten : `${rewritten}?${query}`;
}
