// Signs the auditor in to Graph: as the identity that the environment names for the azuread provider (ARM_*), by its
// secret or, in a pipeline, by the job's own identity token; else as whoever @azure/identity finds.
import {
  ClientAssertionCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  type TokenCredential,
} from "@azure/identity";
import { z } from "zod";
import type { Endpoints } from "../../../src/http/endpoints";
import { ask } from "../../../src/http/request";
import { UsageError } from "../usage-error";

type Environment = Readonly<Record<string, string | undefined>>;

/** How the environment says to sign in. */
export type SignIn =
  | { readonly by: "secret"; readonly secret: string }
  | { readonly by: "identity token"; readonly assertion: () => Promise<string> }
  | { readonly by: "library" };

const TOKEN_MILLISECONDS = 20_000;
/** For whom the job's identity token is: what Entra's workload identity federation wants. */
const EXCHANGE = "api://AzureADTokenExchange";
const REMEDY =
  "Sign in with `az login`, or set ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET, or in a pipeline ARM_USE_OIDC=true with the job's identity token; the identity needs Application.Read.All.";

/** @returns a bearer token for Graph; never shown. @throws UsageError that says how to sign in */
export function graphToken(endpoints: Endpoints, environment: Environment): Promise<string> {
  return tokenFor("Graph", endpoints.graph, endpoints, environment);
}

/**
 * @param server in words, for the error
 * @param audience its address, as a token names it
 * @returns a bearer token; never shown. @throws UsageError that says how to sign in
 */
export async function tokenFor(
  server: string,
  audience: string,
  endpoints: Endpoints,
  environment: Environment,
): Promise<string> {
  try {
    const token = await credentialOf(endpoints, environment).getToken(`${audience}/.default`);
    if (token === null) throw new UsageError(`Signing in to ${server} gave no token. ${REMEDY}`);
    return token.token;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`Signing in to ${server} failed: ${reason(error)}. ${REMEDY}`);
  }
}

/** Which of the provider's variables decide. */
export function signInOf(environment: Environment): SignIn {
  const { ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET, ARM_USE_OIDC } = environment;
  if (!ARM_TENANT_ID || !ARM_CLIENT_ID) return { by: "library" };
  if (ARM_CLIENT_SECRET) return { by: "secret", secret: ARM_CLIENT_SECRET };
  if (ARM_USE_OIDC !== "true") return { by: "library" };
  return { by: "identity token", assertion: () => identityToken(environment) };
}

function credentialOf({ login }: Endpoints, environment: Environment): TokenCredential {
  const { ARM_TENANT_ID: tenantId = "", ARM_CLIENT_ID: clientId = "" } = environment;
  const options = {
    authorityHost: login,
    disableInstanceDiscovery: environment["ARM_DISABLE_INSTANCE_DISCOVERY"] === "true",
  };
  const signIn = signInOf(environment);
  switch (signIn.by) {
    case "secret":
      return new ClientSecretCredential(tenantId, clientId, signIn.secret, options);
    case "identity token":
      return new ClientAssertionCredential(tenantId, clientId, signIn.assertion, options);
    case "library":
      return new DefaultAzureCredential({ ...options, ...(tenantId && { tenantId }) });
  }
}

/** The job's identity token: given as it is, or asked for as GitHub Actions lets a job ask. */
async function identityToken(environment: Environment): Promise<string> {
  const { ARM_OIDC_TOKEN: token } = environment;
  if (token) return token;
  const address =
    environment["ARM_OIDC_REQUEST_URL"] ?? environment["ACTIONS_ID_TOKEN_REQUEST_URL"];
  const bearer =
    environment["ARM_OIDC_REQUEST_TOKEN"] ?? environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
  if (!address || !bearer) {
    throw new UsageError(
      "ARM_USE_OIDC wants ARM_OIDC_TOKEN, or in GitHub Actions the permission `id-token: write`, and neither is there.",
    );
  }
  const url = new URL(address);
  url.searchParams.set("audience", EXCHANGE);
  const answer = await ask({
    method: "GET",
    url: url.href,
    headers: { authorization: `Bearer ${bearer}` },
    timeoutMilliseconds: TOKEN_MILLISECONDS,
  });
  const parsed = z.object({ value: z.string().min(1) }).safeParse(answer.body);
  if (parsed.success) return parsed.data.value;
  throw new UsageError(`The job's identity token was refused with status ${answer.status}.`);
}

/** Entra's own code where there is one; of the library's words only the kind: they repeat what was tried at length. */
function reason(error: unknown): string {
  const { name = "", message = "" } = error instanceof Error ? error : {};
  const [code] = /AADSTS\d+/.exec(message) ?? [];
  if (code !== undefined) return `Entra answers ${code}`;
  if (/^(CredentialUnavailable|AggregateAuthentication|AuthenticationRequired)Error$/.test(name)) {
    return "nobody is signed in";
  }
  return name || "no reason is given";
}
