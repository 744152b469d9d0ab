// Entra's sign-in server: token endpoints v1 and v2 for client credentials, OpenID discovery, keys, metadata.
// Every attempt goes to the sign-in log, with the key id of the password that matched.
import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { CloudContext } from "./context";
import { displayNameOf } from "./directory-records";
import { namesOf } from "./endpoints";
import { signInError } from "./entra-errors";
import { type SignInGrant, SignInRefusal, type SignInRequest, decideSignIn } from "./entra-rules";
import { serveMetadata } from "./metadata";
import { type RunningServer, createServer, listen } from "./server";
import { TOKEN_LIFETIME_SECONDS, issuerOf } from "./tokens";

type TokenRoute = FastifyRequest<{ Params: { tenant: string } }>;

const LAB_HOSTS = {
  cloud_instance_name: "localhost",
  cloud_graph_host_name: "localhost",
  msgraph_host: "localhost",
};
const PUBLIC_HOSTS = {
  cloud_instance_name: "microsoftonline.com",
  cloud_graph_host_name: "graph.windows.net",
  msgraph_host: "graph.microsoft.com",
};

/** Listens on loopback and fills in `endpoints.loginUrl`. */
export async function startLogin(context: CloudContext, port: number): Promise<RunningServer> {
  const server = await createServer("login", context);
  serveMetadata(server, context);
  serveDiscovery(server, context);
  for (const endpoint of ["v1", "v2"] as const) {
    const path = endpoint === "v2" ? "/:tenant/oauth2/v2.0/token" : "/:tenant/oauth2/token";
    server.post(path, (request: TokenRoute, reply) => answer(endpoint, request, reply, context));
  }
  const listening = await listen(server, port);
  context.endpoints.loginUrl = `https://localhost:${listening}`;
  return { port: listening, close: () => server.close() };
}

async function answer(
  endpoint: SignInRequest["endpoint"],
  request: TokenRoute,
  reply: FastifyReply,
  context: CloudContext,
): Promise<unknown> {
  const correlationId = correlationOf(request);
  reply
    .header("cache-control", "no-store, no-cache")
    .header("pragma", "no-cache")
    .header("x-ms-request-id", request.id)
    .header("client-request-id", correlationId);
  const fields = fieldsOf(request);
  const attempt = (clientId: string): number =>
    context.directory.signIns.filter((one) => one.clientId === clientId).length;
  try {
    const grant = await decideSignIn(
      { tenant: request.params.tenant, endpoint, fields },
      context,
      attempt,
    );
    record(context, request, fields, correlationId, grant);
    return await tokenResponse(endpoint, grant, context);
  } catch (error) {
    if (!(error instanceof SignInRefusal)) throw error;
    record(context, request, fields, correlationId, error);
    const { errorCode, error: oauthError, message, status } = error;
    const now = context.clock.now();
    const body = { errorCode, error: oauthError, message, traceId: request.id, correlationId, now };
    return reply.code(status).send(signInError(body));
  }
}

async function tokenResponse(
  endpoint: SignInRequest["endpoint"],
  grant: SignInGrant,
  context: CloudContext,
): Promise<Record<string, unknown>> {
  const token = await context.tokens.issue({
    clientId: grant.clientId,
    servicePrincipalObjectId: grant.principal.servicePrincipalObjectId,
    audience: grant.audience,
    roles: grant.roles,
  });
  const expiresIn = TOKEN_LIFETIME_SECONDS - 1;
  if (endpoint === "v2") {
    return {
      token_type: "Bearer",
      expires_in: expiresIn,
      ext_expires_in: expiresIn,
      access_token: token,
    };
  }
  const now = Math.floor(Date.now() / 1000);
  return {
    token_type: "Bearer",
    expires_in: String(expiresIn),
    ext_expires_in: String(expiresIn),
    expires_on: String(now + expiresIn),
    not_before: String(now),
    resource: grant.audience,
    access_token: token,
  };
}

function record(
  context: CloudContext,
  request: TokenRoute,
  fields: SignInRequest["fields"],
  correlationId: string,
  outcome: SignInGrant | SignInRefusal,
): void {
  const refused = outcome instanceof SignInRefusal;
  const { principal, ...shown } = refused
    ? outcome.context
    : { principal: outcome.principal, ...outcome.shown };
  context.directory.signIns.push({
    signInId: randomUUID(),
    at: context.clock.now().toISOString(),
    clientId: (fields["client_id"] ?? "").toLowerCase(),
    ok: !refused,
    errorCode: refused ? outcome.errorCode : 0,
    failureReason: refused ? outcome.message : "Other.",
    ...shown,
    ...(principal && { servicePrincipalObjectId: principal.servicePrincipalObjectId }),
    displayName: displayNameOf(principal),
    resource: fields["scope"] ?? fields["resource"] ?? "",
    ipAddress: request.ip,
    userAgent: request.headers["user-agent"] ?? "",
    correlationId,
  });
}

/** Form fields; client id and secret may come by Basic authentication instead. */
function fieldsOf(request: FastifyRequest): Record<string, string | undefined> {
  const body = request.body;
  const fields: Record<string, string | undefined> =
    typeof body === "object" && body !== null ? { ...(body as Record<string, string>) } : {};
  const basic = /^Basic\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (basic !== undefined) {
    const pair = Buffer.from(basic, "base64").toString("utf8");
    const colon = pair.indexOf(":");
    fields["client_id"] ??= decodeURIComponent(pair.slice(0, colon));
    fields["client_secret"] ??= decodeURIComponent(pair.slice(colon + 1));
  }
  return fields;
}

function correlationOf(request: FastifyRequest): string {
  const given = request.headers["client-request-id"];
  return typeof given === "string" && given !== "" ? given : randomUUID();
}

function serveDiscovery(server: FastifyInstance, context: CloudContext): void {
  const { endpoints, tenantId } = context;
  const document = (version: "1.0" | "2.0"): Record<string, unknown> => {
    const suffix = version === "2.0" ? "/v2.0" : "";
    const base = `${namesOf(endpoints).loginUrl}/${tenantId}`;
    return {
      token_endpoint: `${base}/oauth2${suffix}/token`,
      token_endpoint_auth_methods_supported: [
        "client_secret_post",
        "private_key_jwt",
        "client_secret_basic",
      ],
      jwks_uri: `${base}/discovery${suffix}/keys`,
      response_modes_supported: ["query", "fragment", "form_post"],
      subject_types_supported: ["pairwise"],
      id_token_signing_alg_values_supported: ["RS256"],
      response_types_supported: ["code", "id_token", "code id_token", "id_token token"],
      scopes_supported: ["openid", "profile", "email", "offline_access"],
      issuer: issuerOf(tenantId, version, endpoints),
      authorization_endpoint: `${base}/oauth2${suffix}/authorize`,
      end_session_endpoint: `${base}/oauth2${suffix}/logout`,
      tenant_region_scope: "EU",
      ...(endpoints.cloud === "public" ? PUBLIC_HOSTS : LAB_HOSTS),
    };
  };
  // Clients of Microsoft's ask it which names are one and the same sign-in server, and whether it is theirs.
  server.get("/common/discovery/instance", () => ({
    tenant_discovery_endpoint: `${namesOf(endpoints).loginUrl}/${tenantId}/v2.0/.well-known/openid-configuration`,
    "api-version": "1.1",
    metadata: [
      {
        preferred_network: "login.microsoftonline.com",
        preferred_cache: "login.windows.net",
        aliases: ["login.microsoftonline.com", "login.windows.net", "sts.windows.net"],
      },
    ],
  }));
  server.get("/:tenant/v2.0/.well-known/openid-configuration", () => document("2.0"));
  server.get("/:tenant/.well-known/openid-configuration", () => document("1.0"));
  server.get("/:tenant/discovery/v2.0/keys", () => context.tokens.jwks());
  server.get("/:tenant/discovery/keys", () => context.tokens.jwks());
}
