// The resources that a token can be asked for, and every name that Entra knows each by.
import type { Endpoints } from "./endpoints";

export type ResourceName = "graph" | "arm" | "vault";

export const GRAPH_CLIENT_ID = "00000003-0000-0000-c000-000000000000";
export const ARM_CLIENT_ID = "797f4846-ba00-4fd7-ba43-dac1f8f63013";
export const VAULT_CLIENT_ID = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093";

/** Every audience that a resource accepts in a token, and that Entra resolves to it in a request. */
export function audiencesOf(resource: ResourceName, endpoints: Endpoints): readonly string[] {
  switch (resource) {
    case "graph":
      return present([GRAPH_CLIENT_ID, "https://graph.microsoft.com", endpoints.graphUrl]);
    case "arm":
      return present([
        ARM_CLIENT_ID,
        "https://management.azure.com",
        "https://management.core.windows.net",
        endpoints.armUrl,
      ]);
    case "vault":
      return present([
        VAULT_CLIENT_ID,
        "https://vault.azure.net",
        `https://${endpoints.vaultSuffix}`,
        `https://${endpoints.vaultSuffix}:${endpoints.vaultPort}`,
      ]);
  }
}

export function clientIdOf(resource: ResourceName): string {
  return { graph: GRAPH_CLIENT_ID, arm: ARM_CLIENT_ID, vault: VAULT_CLIENT_ID }[resource];
}

function present(audiences: readonly string[]): readonly string[] {
  return audiences.filter((audience) => audience !== "");
}
