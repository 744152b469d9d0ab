// What a stand-in shows Entra at sign-in, in the vendors' order: the client secret; else, where OIDC is chosen, the job's identity
// token, which is given or asked for as GitHub Actions lets a job ask. Settings come from the provider's configuration first.
import { z } from "zod";

import { request } from "../shared/https";
import { type Properties, type PropertyValue, unwrap } from "./provider/values";

export interface ClientCredential {
  readonly clientSecret: string;
  readonly useOidc: boolean;
  readonly oidcToken: string;
  readonly oidcRequestUrl: string;
  readonly oidcRequestToken: string;
}

/** Names of the configuration, with the variables that are asked after it, in turn. */
const SOURCES = {
  clientSecret: ["ARM_CLIENT_SECRET"],
  useOidc: ["ARM_USE_OIDC"],
  oidcToken: ["ARM_OIDC_TOKEN"],
  oidcRequestUrl: ["ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL"],
  oidcRequestToken: ["ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"],
} as const;

const AUDIENCE = "api://AzureADTokenExchange";
const JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

export function readClientCredential(
  args: Properties,
  environment: NodeJS.ProcessEnv,
): ClientCredential {
  const read = (name: keyof typeof SOURCES): string =>
    [
      plain(args[name]),
      ...SOURCES[name].map((variable: string) => environment[variable] ?? ""),
    ].find((value) => value !== "") ?? "";
  return {
    clientSecret: read("clientSecret"),
    useOidc: read("useOidc") === "true",
    oidcToken: read("oidcToken"),
    oidcRequestUrl: read("oidcRequestUrl"),
    oidcRequestToken: read("oidcRequestToken"),
  };
}

/** The setting without which nothing can be shown; undefined when there is enough. */
export function missingSetting(credential: ClientCredential): keyof typeof SOURCES | undefined {
  const { clientSecret, useOidc, oidcToken, oidcRequestUrl, oidcRequestToken } = credential;
  if (clientSecret !== "") return undefined;
  if (!useOidc) return "clientSecret";
  return oidcToken !== "" || (oidcRequestUrl !== "" && oidcRequestToken !== "")
    ? undefined
    : "oidcToken";
}

/** The variable that would set it. */
export function variableFor(name: keyof typeof SOURCES): string {
  return SOURCES[name][0];
}

/** The fields of the token request that prove who the client is. @throws Error in the vendor's words */
export async function credentialFields(
  credential: ClientCredential,
): Promise<Readonly<Record<string, string>>> {
  if (credential.clientSecret !== "") return { client_secret: credential.clientSecret };
  const assertion = credential.oidcToken || (await askForToken(credential));
  return { client_assertion_type: JWT_BEARER, client_assertion: assertion };
}

async function askForToken({
  oidcRequestUrl,
  oidcRequestToken,
}: ClientCredential): Promise<string> {
  const url = new URL(oidcRequestUrl);
  url.searchParams.set("audience", AUDIENCE);
  const headers = { authorization: `Bearer ${oidcRequestToken}` };
  const answer = await request({ method: "GET", url: url.href, headers });
  const parsed = z.object({ value: z.string().min(1) }).safeParse(answer.json);
  if (parsed.success) return parsed.data.value;
  throw new Error(`GitHub OIDC: ${answer.status} with response: ${answer.text}`);
}

/** The engine hands booleans on as text, and a secret setting as one. */
function plain(value: PropertyValue | undefined): string {
  const given = unwrap(value ?? null);
  return typeof given === "string" || typeof given === "boolean" ? String(given) : "";
}
