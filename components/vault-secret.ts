// One value in the Key Vault, with the same end as the client secret that it is or holds.
// Another value is another version; the name is never replaced, since Azure's plugin would delete first.
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource, mergeOptions, secret, unsecret } from "@pulumi/pulumi";
import { unixSeconds, validityDays } from "../src/decide/schedule";
import { AzureVaultSecret } from "./azure-vault-secret";

export interface VaultSecretArgs {
  readonly secretName: string;
  /** What the value is: `text/plain`, `application/json`. */
  readonly contentType: string;
  readonly epoch: string;
  /** First day of the epoch. */
  readonly start: string;
  /** End of the client secret and of this one. */
  readonly endDate: string;
  readonly tenantId: string;
  readonly resourceGroupName: string;
  readonly vaultName: pulumi.Input<string>;
  readonly clientId: pulumi.Input<string>;
  readonly keyId: pulumi.Input<string>;
  readonly applicationResourceId: pulumi.Input<string>;
  /** The secret value. */
  readonly value: pulumi.Input<string>;
}

/** A vault secret; protected. */
export class VaultSecret extends ComponentResource {
  static readonly TYPE = "keyturn:index:VaultSecret";
  /** Address of the version that was written, without a value. */
  readonly versionUri: pulumi.Output<string>;

  constructor(name: string, args: VaultSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    const { secretName, contentType, epoch, start, endDate, tenantId, resourceGroupName } = args;
    const inputs = { secretName, contentType, epoch, endDate, tenantId, resourceGroupName };
    super(VaultSecret.TYPE, name, inputs, mergeOptions({ protect: true }, opts));

    const stored = new AzureVaultSecret(
      `${name}-secret`,
      {
        resourceGroupName,
        vaultName: args.vaultName,
        secretName,
        properties: {
          value: secret(args.value),
          contentType,
          attributes: { enabled: true, expires: unixSeconds(endDate) },
        },
        tags: {
          keyId: args.keyId,
          clientId: args.clientId,
          tenantId,
          epoch,
          // The names that Microsoft's own rotation function reads.
          CredentialId: args.keyId,
          ProviderAddress: args.applicationResourceId,
          ValidityPeriodDays: String(validityDays(start, endDate)),
        },
      },
      { parent: this },
    );
    // The SDK takes the whole of `properties` for a secret because the value is one.
    this.versionUri = unsecret(stored.properties).apply((p) => p.secretUriWithVersion);

    this.registerOutputs({ versionUri: this.versionUri });
  }
}
