// All vaults of the lab, live and soft-deleted, with their secrets: one store for ARM and the data plane.
// Names are global and stay taken while a vault is soft-deleted.
import { SecretStore, type Deletion, type Retention } from "./secrets";

export interface AccessPolicy {
  readonly tenantId: string;
  readonly objectId: string;
  readonly applicationId?: string;
  readonly permissions: {
    readonly keys?: readonly string[];
    readonly secrets?: readonly string[];
    readonly certificates?: readonly string[];
    readonly storage?: readonly string[];
  };
}

export interface NetworkAcls {
  readonly bypass?: string;
  readonly defaultAction?: string;
  readonly ipRules?: readonly { readonly value: string }[];
  readonly virtualNetworkRules?: readonly { readonly id: string }[];
}

export interface VaultProperties {
  readonly tenantId: string;
  readonly sku: { readonly family: string; readonly name: string };
  readonly accessPolicies: readonly AccessPolicy[];
  readonly enabledForDeployment: boolean;
  readonly enabledForDiskEncryption?: boolean;
  readonly enabledForTemplateDeployment?: boolean;
  readonly enableSoftDelete: boolean;
  readonly softDeleteRetentionInDays: number;
  readonly enableRbacAuthorization: boolean;
  readonly enablePurgeProtection?: true;
  readonly networkAcls?: NetworkAcls;
  readonly publicNetworkAccess: string;
}

export interface SystemData {
  readonly createdBy: string;
  readonly createdAt: string;
  readonly lastModifiedBy: string;
  readonly lastModifiedAt: string;
}

export interface VaultIdentity {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

export interface Vault extends VaultIdentity {
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: VaultProperties;
  readonly systemData: SystemData;
  readonly secrets: SecretStore;
  readonly deletion?: Deletion;
}

export type DeletedVault = Vault & { readonly deletion: Deletion };

const DAY_MS = 86_400_000;

export class VaultStore {
  private readonly vaults = new Map<string, Vault>();
  private readonly valuesEver = new Set<string>();

  /** The live vault of that name. */
  find(name: string): Vault | undefined {
    const vault = this.vaults.get(name.toLowerCase());
    return vault?.deletion ? undefined : vault;
  }

  findDeleted(name: string, now: Date): DeletedVault | undefined {
    this.purgeDue(now);
    const vault = this.vaults.get(name.toLowerCase());
    return vault?.deletion ? { ...vault, deletion: vault.deletion } : undefined;
  }

  /** Creates, or replaces everything but the secrets. */
  put(vault: Omit<Vault, "secrets" | "deletion">): Vault {
    const secrets =
      this.vaults.get(vault.name.toLowerCase())?.secrets ?? new SecretStore(this.valuesEver);
    const stored = { ...vault, secrets };
    this.vaults.set(vault.name.toLowerCase(), stored);
    return stored;
  }

  delete(vault: Vault, now: Date): void {
    const days = vault.properties.softDeleteRetentionInDays;
    const scheduledPurgeAt = new Date(now.getTime() + days * DAY_MS);
    const deletion = { deletedAt: now, scheduledPurgeAt };
    this.vaults.set(vault.name.toLowerCase(), { ...vault, deletion });
  }

  purge(vault: DeletedVault): void {
    this.vaults.delete(vault.name.toLowerCase());
  }

  list(): Vault[] {
    return [...this.vaults.values()].filter((vault) => !vault.deletion);
  }

  listDeleted(now: Date): DeletedVault[] {
    this.purgeDue(now);
    return [...this.vaults.values()].flatMap((vault) =>
      vault.deletion ? [{ ...vault, deletion: vault.deletion }] : [],
    );
  }

  /** Every secret value that was ever stored in any vault; for the leak test. */
  everyValue(): string[] {
    return [...this.valuesEver];
  }

  private purgeDue(now: Date): void {
    for (const [key, vault] of this.vaults) {
      if (vault.deletion && vault.deletion.scheduledPurgeAt <= now) this.vaults.delete(key);
    }
  }
}

/** How long a vault keeps what is deleted, and whether it lets go of it earlier. */
export function retentionOf(vault: Vault): Retention {
  return {
    days: vault.properties.softDeleteRetentionInDays,
    purgeProtected: vault.properties.enablePurgeProtection === true,
  };
}

/** The ARM id of a vault. */
export function vaultId(vault: VaultIdentity): string {
  return `/subscriptions/${vault.subscriptionId}/resourceGroups/${vault.resourceGroup}/providers/Microsoft.KeyVault/vaults/${vault.name}`;
}
