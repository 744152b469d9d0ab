// Where to sign in and where Graph is: Azure's metadata document when a host for it is given, else constants.
import { z } from "zod";
import type { ProofInput } from "../contracts/prove";
import { ask } from "./request";

/** Base addresses without a trailing slash. */
export interface Endpoints {
  readonly login: string;
  readonly graph: string;
}

/** Base addresses of Azure's management and of its vaults. */
export interface AzureEndpoints {
  readonly arm: string;
  /** A vault is `https://<name>.<suffix>`. */
  readonly vaultSuffix: string;
}

const CLOUDS: Readonly<Record<ProofInput["environment"], Endpoints>> = {
  public: { login: "https://login.microsoftonline.com", graph: "https://graph.microsoft.com" },
  usgovernment: { login: "https://login.microsoftonline.us", graph: "https://graph.microsoft.us" },
  china: {
    login: "https://login.partner.microsoftonline.cn",
    graph: "https://microsoftgraph.chinacloudapi.cn",
  },
};

const AZURE_CLOUDS: Readonly<Record<ProofInput["environment"], AzureEndpoints>> = {
  public: { arm: "https://management.azure.com", vaultSuffix: "vault.azure.net" },
  usgovernment: {
    arm: "https://management.usgovcloudapi.net",
    vaultSuffix: "vault.usgovcloudapi.net",
  },
  china: { arm: "https://management.chinacloudapi.cn", vaultSuffix: "vault.azure.cn" },
};

const metadata = z.object({
  authentication: z.object({ loginEndpoint: z.url() }),
  microsoftGraphResourceId: z.url(),
});
const azureMetadata = z.object({
  resourceManager: z.url(),
  suffixes: z.object({ keyVaultDns: z.string().min(1) }),
});

/** Finds the endpoints of a proof. */
export async function findEndpoints(
  input: Pick<ProofInput, "environment" | "metadataHost">,
  environment: NodeJS.ProcessEnv,
): Promise<Endpoints> {
  const found = await readMetadata(input, environment, metadata);
  if (found === undefined) return CLOUDS[input.environment];
  return {
    login: trim(found.authentication.loginEndpoint),
    graph: trim(found.microsoftGraphResourceId),
  };
}

/** Finds Azure's management and its vaults. */
export async function findAzureEndpoints(
  input: Pick<ProofInput, "environment" | "metadataHost">,
  environment: NodeJS.ProcessEnv,
): Promise<AzureEndpoints> {
  const found = await readMetadata(input, environment, azureMetadata);
  if (found === undefined) return AZURE_CLOUDS[input.environment];
  return {
    arm: trim(found.resourceManager),
    vaultSuffix: found.suffixes.keyVaultDns.replace(/^\./, ""),
  };
}

/** The part of the metadata document that is asked for; undefined when no host for it is given. */
async function readMetadata<T>(
  input: Pick<ProofInput, "environment" | "metadataHost">,
  environment: NodeJS.ProcessEnv,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const host = input.metadataHost || (environment["ARM_METADATA_HOSTNAME"] ?? "");
  if (host === "") return undefined;
  const url = `https://${host}/metadata/endpoints?api-version=2022-09-01`;
  const answer = await ask({ method: "GET", url, timeoutMilliseconds: 15_000 });
  const parsed = schema.safeParse(answer.body);
  if (answer.status === 200 && parsed.success) return parsed.data;
  throw new Error(
    `${url} must answer Azure's metadata document, got status ${answer.status}. Correct metadataHost.`,
  );
}

function trim(address: string): string {
  return address.replace(/\/+$/, "");
}
