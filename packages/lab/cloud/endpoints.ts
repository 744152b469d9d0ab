// Where each emulated server listens, and what the lab's answers call it.

/** DNS suffix of vaults in Azure's public cloud; the lab's proxy leads it to the lab's vaults. */
export const PUBLIC_VAULTS = ".vault.azure.net";

/** By whose names the lab's children know the cloud: the lab's own, or Azure's public ones, which the proxy leads here. */
export const CLOUD_CHOICES = ["lab", "public"] as const;
export type CloudChoice = (typeof CLOUD_CHOICES)[number];

/** Filled in as the servers start to listen; base addresses have no trailing slash. */
export interface Endpoints {
  readonly cloud: CloudChoice;
  loginUrl: string;
  graphUrl: string;
  armUrl: string;
  /** DNS suffix of vault names, without a port. */
  vaultSuffix: string;
  vaultPort: number;
  proxyUrl: string;
  snappassUrl: string;
  /** Where jobs of pipelines ask for their identity tokens. */
  jobsUrl: string;
}

/** What was asked of the proxy: how often each address was led to the lab's servers, and how often refused. */
export interface Proxied {
  readonly led: Record<string, number>;
  readonly refused: Record<string, number>;
}

/** The addresses that answers give and that clients are told; no trailing slash. */
export interface CloudNames {
  readonly loginUrl: string;
  readonly graphUrl: string;
  readonly armUrl: string;
  /** What follows a vault's name and a dot, with its port unless that is 443. */
  readonly vaultDns: string;
  /** The resource that a vault wants a token for. */
  readonly vaultResource: string;
}

const PUBLIC_NAMES: CloudNames = {
  loginUrl: "https://login.microsoftonline.com",
  graphUrl: "https://graph.microsoft.com",
  armUrl: "https://management.azure.com",
  vaultDns: PUBLIC_VAULTS.slice(1),
  vaultResource: `https://${PUBLIC_VAULTS.slice(1)}`,
};

export function namesOf(endpoints: Endpoints): CloudNames {
  if (endpoints.cloud === "public") return PUBLIC_NAMES;
  const { loginUrl, graphUrl, armUrl, vaultSuffix, vaultPort } = endpoints;
  const vaultDns = `${vaultSuffix}:${vaultPort}`;
  return { loginUrl, graphUrl, armUrl, vaultDns, vaultResource: `https://${vaultSuffix}` };
}
