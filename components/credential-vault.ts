// The Key Vault that keeps the secret: made here with RBAC and protected, or one that exists; and who may read it.
import { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment";
import { Vault } from "@pulumi/azure-native/keyvault/vault";
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource, mergeOptions, output } from "@pulumi/pulumi";

export interface CredentialVaultArgs {
  readonly vaultName: string;
  readonly resourceGroupName: string;
  readonly subscriptionId: string;
  readonly tenantId: string;
  /** Whether the vault is made here. */
  readonly create: boolean;
  /** Azure region; empty takes the resource group's. */
  readonly location: string;
  /** Who may read secrets. */
  readonly readers: readonly {
    readonly principalObjectId: string;
    readonly principalType: string;
  }[];
}

/** Azure's built-in role "Key Vault Secrets User". */
const SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6";
const SOFT_DELETE_DAYS = 90;

/** A vault and its readers. */
export class CredentialVault extends ComponentResource {
  static readonly TYPE = "keyturn:index:CredentialVault";
  readonly vaultName: pulumi.Output<string>;
  readonly vaultResourceId: pulumi.Output<string>;

  constructor(name: string, args: CredentialVaultArgs, opts?: pulumi.ComponentResourceOptions) {
    super(CredentialVault.TYPE, name, { ...args }, mergeOptions({ protect: true }, opts));

    const { vaultName, resourceGroupName, subscriptionId, tenantId, location } = args;
    const subscription = `/subscriptions/${subscriptionId}`;
    const vault = args.create
      ? new Vault(
          `${name}-vault`,
          {
            vaultName,
            resourceGroupName,
            ...(location === "" ? {} : { location }),
            properties: {
              tenantId,
              sku: { family: "A", name: "standard" },
              enableRbacAuthorization: true,
              enableSoftDelete: true,
              softDeleteRetentionInDays: SOFT_DELETE_DAYS,
            },
          },
          { parent: this },
        )
      : undefined;
    const existing = `${subscription}/resourceGroups/${resourceGroupName}/providers/Microsoft.KeyVault/vaults/${vaultName}`;
    this.vaultName = vault?.name ?? output(vaultName);
    this.vaultResourceId = vault?.id ?? output(existing);

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
}
