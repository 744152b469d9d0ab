// A vault secret over ARM, at the version of Key Vault's API that src/arm-types.ts names.
import type { SecretArgs } from "@pulumi/azure-native/keyvault/secret";
import type { keyvault } from "@pulumi/azure-native/types/output";
import type * as pulumi from "@pulumi/pulumi";
import { AzureResource } from "./azure-resource";

/** A vault secret, without anything around it. */
export class AzureVaultSecret extends AzureResource {
  /** Without the value. */
  declare readonly properties: pulumi.Output<keyvault.SecretPropertiesResponse>;

  constructor(name: string, args: SecretArgs, opts?: pulumi.CustomResourceOptions) {
    super("Microsoft.KeyVault/vaults/secrets", name, args, ["location", "name", "type"], opts);
  }
}
