// Key Vault's data plane on the wire: which vault (by Host), who calls (401 challenge), and one error shape.
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { CloudContext } from "../context";
import { PUBLIC_VAULTS, namesOf } from "../endpoints";
import { audiencesOf } from "../resources";
import { createServer, listen, type RunningServer } from "../server";
import { issuerOf, TokenError, type Caller } from "../tokens";
import { requireNetwork, requireRight, type DataActionCheck } from "./access";
import { Bundles } from "./bundles";
import { VaultError } from "./errors";
import type { Authorise } from "./call";
import { requireApiVersion } from "./input";
import { addSecretRoutes } from "./routes";
import { retentionOf, type Vault, type VaultStore } from "./store";

/** Starts the data plane of all vaults on one port. */
export async function startVault(
  context: CloudContext,
  vaults: VaultStore,
  holds: DataActionCheck,
  port: number,
): Promise<RunningServer> {
  const server = await createServer("vault", context);
  const authorise: Authorise = async (request, right, secretName) => {
    const vault = vaultOf(request, context, vaults);
    const caller = await authenticate(request, context, vault);
    requireApiVersion((request.query as Record<string, string | undefined>)["api-version"]);
    requireNetwork(caller, vault, request.ip);
    requireRight(caller, right, vault, secretName, holds);
    const bundles = new Bundles(vaultUri(vault.name, context), retentionOf(vault));
    return { vault, bundles, now: context.clock.now() };
  };
  answerErrors(server, context);
  addSecretRoutes(server, authorise);
  const listening = await listen(server, port);
  context.endpoints.vaultPort = listening;
  return { port: listening, close: () => server.close() };
}

/** Base address of a vault, without a trailing slash. */
export function vaultUri(vaultName: string, context: CloudContext): string {
  return `https://${vaultName.toLowerCase()}.${namesOf(context.endpoints).vaultDns}`;
}

function vaultOf(request: FastifyRequest, context: CloudContext, vaults: VaultStore): Vault {
  const host = request.hostname.toLowerCase();
  const suffixes = [`.${context.endpoints.vaultSuffix}`, PUBLIC_VAULTS];
  const suffix = suffixes.find((one) => host.endsWith(one));
  const name = suffix === undefined ? "" : host.slice(0, -suffix.length);
  const vault = name === "" ? undefined : vaults.find(name);
  // Azure's DNS forgets a deleted vault; on loopback there is no name to fail on.
  if (!vault) throw new VaultError(404, "VaultNotFound", `There is no key vault at ${host}.`);
  return vault;
}

class Unauthorised extends VaultError {
  constructor(message: string) {
    super(401, "Unauthorized", message);
  }
}

async function authenticate(
  request: FastifyRequest,
  context: CloudContext,
  vault: Vault,
): Promise<Caller> {
  const accepted = audiencesOf("vault", context.endpoints);
  try {
    const caller = await context.tokens.verify(request.headers.authorization, accepted);
    if (caller.tenantId === vault.properties.tenantId) return caller;
    const expected = issuerOf(vault.properties.tenantId, "1.0", context.endpoints);
    const found = issuerOf(caller.tenantId, "1.0", context.endpoints);
    throw new Unauthorised(
      `AKV10032: Invalid issuer. Expected one of ${expected}, found ${found}.`,
    );
  } catch (error) {
    if (error instanceof TokenError) throw new Unauthorised(refusal(error, context));
    throw error;
  }
}

function refusal({ fault }: TokenError, context: CloudContext): string {
  switch (fault) {
    case "missing":
      return "AKV10000: Request is missing a Bearer or PoP token.";
    case "audience":
      return `AKV10022: Invalid audience. Expected ${namesOf(context.endpoints).vaultResource}, found another.`;
    case "expired":
      return "AKV10046: Unable to validate token lifetime. The token is expired.";
    case "malformed":
    case "signature":
      return "AKV10041: Token cannot be validated.";
  }
}

function answerErrors(server: FastifyInstance, context: CloudContext): void {
  server.addHook("onSend", async (request, reply) => {
    reply.header("x-ms-request-id", request.id);
    reply.header("x-ms-keyvault-region", "westeurope");
    reply.header("x-ms-keyvault-service-version", "1.9.0.0");
    return Promise.resolve();
  });
  server.setErrorHandler(async (error: Error & { statusCode?: number }, _request, reply) => {
    const answer =
      error instanceof VaultError
        ? error
        : new VaultError(error.statusCode ?? 500, "BadParameter", error.message);
    if (answer.status === 401) {
      const { loginUrl, vaultResource } = namesOf(context.endpoints);
      const challenge = `Bearer authorization="${loginUrl}/${context.tenantId}", resource="${vaultResource}"`;
      reply.header("www-authenticate", challenge);
    }
    await reply.code(answer.status).send(answer.toJSON());
  });
  server.setNotFoundHandler(async (request, reply) => {
    const answer = new VaultError(
      404,
      "NotFound",
      `The lab's key vault has no operation ${request.method} ${request.url.split("?")[0] ?? ""}.`,
    );
    await reply.code(404).send(answer.toJSON());
  });
}
