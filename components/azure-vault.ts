// A Key Vault at the version of its API that src/arm-types.ts names.
import type { VaultArgs } from "@pulumi/azure-native/keyvault/vault";
import type { keyvault } from "@pulumi/azure-native/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { AzureResource } from "./azure-resource";

export type AzureVaultArgs = Omit<VaultArgs, "properties"> & {
  readonly properties: keyvault.VaultPropertiesArgs;
};

/** What the SDK's class gives by itself: a stack of an earlier release has it among its inputs. */
const SDK_DEFAULTS = {
  enabledForDeployment: false,
  enabledForDiskEncryption: false,
  enabledForTemplateDeployment: false,
  publicNetworkAccess: "enabled",
};

/** A Key Vault, without anything around it. */
export class AzureVault extends AzureResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: AzureVaultArgs, opts?: pulumi.CustomResourceOptions) {
    const inputs = { ...args, properties: { ...SDK_DEFAULTS, ...args.properties } };
    super("Microsoft.KeyVault/vaults", name, inputs, ["name", "systemData", "type"], opts);
  }
}
