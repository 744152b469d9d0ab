// The Key Vault that keeps the secret: made here with RBAC and protected, or one that exists; and who may read it.
import { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment";
import { Vault } from "@pulumi/azure-native/keyvault/vault";
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource, interpolate, mergeOptions, output } from "@pulumi/pulumi";
import { RandomString } from "@pulumi/random/randomString";
import { RANDOM_CHARACTERS, uniqueVaultName } from "./pure/vault-name";

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
    // Not how it comes to be: that is one run's business, and no change of the next one.
    const { recover, ...inputs } = args;
    super(CredentialVault.TYPE, name, inputs, mergeOptions({ protect: true }, opts));

    const { resourceGroupName, subscriptionId, tenantId, location } = args;
    const vaultName =
      args.vaultName === "" ? this.drawName(name, args.credential) : output(args.vaultName);
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
