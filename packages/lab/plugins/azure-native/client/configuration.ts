// The plugin's configuration: from the provider's own properties first, then from this process's environment.
// The cloud's addresses come from the metadata document that the configuration names.
import { z } from "zod";

import { request } from "../../../shared/https";
import {
  type ClientCredential,
  missingSetting,
  readClientCredential,
  variableFor,
} from "../../client-credential";
import { ProviderError } from "../../provider/errors";
import { unwrap } from "../../provider/values";
import type { Properties } from "../../provider/values";

export interface Configuration {
  readonly clientId: string;
  readonly credential: ClientCredential;
  readonly tenantId: string;
  readonly subscriptionId: string;
  /** Host, or URL, of the metadata document; empty takes Azure's public cloud. */
  readonly metadataHost: string;
  /** Where resources go that say nothing else. */
  readonly location: string | undefined;
  /** No reading after a create or an update. */
  readonly skipReadOnUpdate: boolean;
}

/** Names of the properties and of the environment variables. */
const SOURCES = {
  clientId: "ARM_CLIENT_ID",
  tenantId: "ARM_TENANT_ID",
  subscriptionId: "ARM_SUBSCRIPTION_ID",
  metadataHost: "ARM_METADATA_HOSTNAME",
  location: "ARM_LOCATION",
  skipReadOnUpdate: "ARM_SKIP_READ_ON_UPDATE",
} as const;

export function readConfiguration(
  args: Properties,
  environment: NodeJS.ProcessEnv = process.env,
): Configuration {
  const read = (name: keyof typeof SOURCES): string => {
    const given = unwrap(args[name] ?? null);
    if (typeof given === "string" || typeof given === "boolean") return String(given);
    return name === "location" ? "" : (environment[SOURCES[name]] ?? "");
  };
  const lack = (name: string, variable: string): ProviderError => {
    const remedy = `Set azure-native:${name} or ${variable}.`;
    return new ProviderError(`The azure-native stand-in needs ${name}. ${remedy}`);
  };
  const needed = (name: keyof typeof SOURCES): string => {
    const value = read(name);
    if (value !== "") return value;
    throw lack(name, SOURCES[name]);
  };
  const credential = readClientCredential(args, environment);
  const lacking = missingSetting(credential);
  if (lacking !== undefined) throw lack(lacking, variableFor(lacking));
  const location = read("location");
  return {
    clientId: needed("clientId"),
    credential,
    tenantId: needed("tenantId"),
    subscriptionId: needed("subscriptionId"),
    metadataHost: read("metadataHost"),
    location: location === "" ? undefined : location,
    skipReadOnUpdate: read("skipReadOnUpdate") === "true",
  };
}

const metadata = z.object({
  authentication: z.object({ loginEndpoint: z.string(), audiences: z.array(z.string()).min(1) }),
  microsoftGraphResourceId: z.string(),
  resourceManager: z.string(),
  suffixes: z.object({ keyVaultDns: z.string() }),
});

/** The addresses of one cloud, without slashes at their ends. */
export interface CloudAddresses {
  readonly login: string;
  readonly resourceManager: string;
  readonly resourceManagerAudience: string;
  readonly graph: string;
  /** What follows a vault's name and a dot, with its port. */
  readonly vaultSuffix: string;
}

/** Azure's public cloud, which the vendor's plugin knows by itself too. */
const PUBLIC: CloudAddresses = {
  login: "https://login.microsoftonline.com",
  resourceManager: "https://management.azure.com",
  resourceManagerAudience: "https://management.azure.com",
  graph: "https://graph.microsoft.com",
  vaultSuffix: "vault.azure.net",
};

export async function readAddresses(metadataHost: string): Promise<CloudAddresses> {
  if (metadataHost === "") return PUBLIC;
  const base = /^https?:\/\//.test(metadataHost) ? metadataHost : `https://${metadataHost}`;
  const url = `${trimmed(base)}/metadata/endpoints?api-version=2022-09-01`;
  const answer = await request({ method: "GET", url });
  const found = metadata.safeParse(answer.json);
  if (answer.status !== 200 || !found.success) {
    throw new ProviderError(`No metadata of a cloud at ${url} (status ${answer.status}).`);
  }
  const { authentication, microsoftGraphResourceId, resourceManager, suffixes } = found.data;
  return {
    login: trimmed(authentication.loginEndpoint),
    resourceManager: trimmed(resourceManager),
    resourceManagerAudience: trimmed(authentication.audiences[0] ?? resourceManager),
    graph: trimmed(microsoftGraphResourceId),
    vaultSuffix: suffixes.keyVaultDns,
  };
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, "");
}
