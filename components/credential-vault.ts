// The Key Vault that keeps the secret: made here with RBAC and protected, or one that exists; and who may read it.
import { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment";
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource, interpolate, mergeOptions, output } from "@pulumi/pulumi";
import { RandomString } from "@pulumi/random/randomString";
import type { VaultNetwork } from "../src/keyturn-config";
import { networkProperties } from "../src/decide/vault-network";
import { RANDOM_CHARACTERS, uniqueVaultName } from "../src/decide/vault-name";
import { SECRETS_USER } from "../src/decide/vault-plan";
import { AzureVault } from "./azure-vault";

export interface CredentialVaultArgs {
  /** Empty: a name that nobody has, drawn once and kept. */
  readonly vaultName: string;
  /** Name of the credential, with which a drawn name begins. */
  readonly credential: string;
  readonly resourceGroupName: string;
  readonly subscriptionId: string;
  readonly tenantId: string;
  /** Whether the vault is made here. */
  readonly create: boolean;
  /** Whether it is made by recovering the deleted vault of that name. */
  readonly recover: boolean;
  /** Azure region; empty takes the resource group's. */
  readonly location: string;
  /** Principals that get the role Key Vault Secrets User on the vault, one assignment each. */
  readonly readers: readonly {
    readonly principalObjectId: string;
    readonly principalType: string;
  }[];
  /**
   * Whether a vault that is made here can never be purged before its days of soft deletion are over. Azure lets nobody take that
   * back, so it stays true once it was. @default false
   */
  readonly purgeProtection?: boolean;
  /** Tags of a vault that is made here. @default none */
  readonly tags?: Readonly<Record<string, string>>;
  /** From where a vault that is made here is reached. @default from everywhere */
  readonly network?: VaultNetwork;
}

const SOFT_DELETE_DAYS = 90;

/** The Key Vault of one credential, protected, with the role assignments of those who may read its secrets. */
export class CredentialVault extends ComponentResource {
  static readonly TYPE = "keyturn:index:CredentialVault";
  readonly vaultName: pulumi.Output<string>;
  readonly vaultResourceId: pulumi.Output<string>;

  constructor(name: string, args: CredentialVaultArgs, opts?: pulumi.ComponentResourceOptions) {
    // Not how it comes to be: that is one run's business, and no change of the next one. What is not asked for is left out: a
    // stack of a former release does not change by it.
    const {
      recover,
      purgeProtection: protect = false,
      tags = {},
      network = {},
      ...required
    } = args;
    // Of a vault that is somebody else's nothing is decided here.
    const purgeProtection = protect && args.create;
    const tagged = Object.keys(tags).length > 0 ? { tags } : {};
    const ruled = Object.keys(network).length > 0 ? { network } : {};
    const inputs = {
      ...required,
      ...(purgeProtection && { purgeProtection }),
      ...tagged,
      ...ruled,
    };
    super(CredentialVault.TYPE, name, inputs, mergeOptions({ protect: true }, opts));

    const { resourceGroupName, subscriptionId, tenantId, location } = args;
    const vaultName =
      args.vaultName === "" ? this.drawName(name, args.credential) : output(args.vaultName);
    const subscription = `/subscriptions/${subscriptionId}`;
    const vault = args.create
      ? new AzureVault(
          `${name}-vault`,
          {
            vaultName,
            resourceGroupName,
            ...(location === "" ? {} : { location }),
            ...tagged,
            properties: {
              tenantId,
              sku: { family: "A", name: "standard" },
              enableRbacAuthorization: true,
              enableSoftDelete: true,
              softDeleteRetentionInDays: SOFT_DELETE_DAYS,
              // Azure takes no false for it, ever.
              ...(purgeProtection && { enablePurgeProtection: true }),
              ...networkProperties(network),
              ...(recover ? { createMode: "recover" as const } : {}),
            },
          },
          // How it came to be is no property of it: the next run does not say it again.
          { parent: this, ignoreChanges: ["properties.createMode"] },
        )
      : undefined;
    const existing = interpolate`${subscription}/resourceGroups/${resourceGroupName}/providers/Microsoft.KeyVault/vaults/${vaultName}`;
    this.vaultName = vault?.name ?? vaultName;
    this.vaultResourceId = vault?.id ?? existing;

    for (const { principalObjectId, principalType } of args.readers) {
      new RoleAssignment(
        `${name}-reader-${principalObjectId}`,
        {
          scope: this.vaultResourceId,
          principalId: principalObjectId,
          // Always given: the SDK's default is User, and replication of a new principal needs it.
          principalType,
          roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${SECRETS_USER}`,
        },
        { parent: this, protect: false },
      );
    }

    this.registerOutputs({ vaultName: this.vaultName, vaultResourceId: this.vaultResourceId });
  }

  private drawName(name: string, credential: string): pulumi.Output<string> {
    const drawn = new RandomString(
      `${name}-name`,
      { length: RANDOM_CHARACTERS, special: false, upper: false },
      { parent: this },
    );
    return drawn.result.apply((suffix) => uniqueVaultName(credential, suffix));
  }
}
