// A vault's network rules in Azure's words. Without rules none are declared: those that somebody set in the portal stay.
import type { VaultNetwork } from "../keyturn-config";

export interface NetworkProperties {
  readonly publicNetworkAccess?: string;
  readonly networkAcls?: {
    readonly bypass: string;
    readonly defaultAction: string;
    readonly ipRules: { readonly value: string }[];
    readonly virtualNetworkRules: { readonly id: string }[];
  };
}

/** Nobody but those on the lists; Microsoft's own services, which Azure trusts, pass. */
export function networkProperties(network: VaultNetwork): NetworkProperties {
  const { addresses = [], subnetIds = [], publicAccess = true } = network;
  if (addresses.length === 0 && subnetIds.length === 0 && publicAccess) return {};
  return {
    ...(publicAccess ? {} : { publicNetworkAccess: "Disabled" }),
    networkAcls: {
      bypass: "AzureServices",
      defaultAction: "Deny",
      ipRules: addresses.map((value) => ({ value })),
      virtualNetworkRules: subnetIds.map((id) => ({ id })),
    },
  };
}
