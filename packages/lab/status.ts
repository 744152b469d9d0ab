// What the lab says about itself: facts read from the emulators, never from a program's intentions. No secret values.
import type { CloudContext } from "./cloud/context";
import type { Endpoints, Proxied } from "./cloud/endpoints";
import type { AzureResources } from "./cloud/arm/store";
import type { Alert } from "./cloud/arm/topics";
import { type ApplicationStatus, credentialsStatus } from "./cloud/credentials";
import type { DirectorySettings } from "./cloud/directory";
import type { FaultState } from "./cloud/faults";
import { RESOURCE_GROUP } from "./cloud/seed";
import { vaultUri } from "./cloud/vault/server";
import type { Secret } from "./cloud/vault/secrets";
import type { Vault } from "./cloud/vault/store";

export interface SecretVersionStatus {
  readonly version: string;
  readonly enabled: boolean;
  readonly created: string;
  readonly updated: string;
  readonly notBefore?: string;
  readonly expires?: string;
  readonly contentType?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface SecretStatus {
  readonly name: string;
  readonly deletedAt?: string;
  /** Oldest first. */
  readonly versions: readonly SecretVersionStatus[];
}

export interface VaultStatus {
  readonly name: string;
  readonly resourceGroup: string;
  readonly vaultUri: string;
  readonly deletedAt?: string;
  readonly secrets: readonly SecretStatus[];
}

export interface CloudStatus {
  readonly clock: { readonly now: string; readonly offsetMs: number; readonly rate: number };
  readonly endpoints: Endpoints;
  /** What was asked of the lab's proxy: "host:port" and how often. */
  readonly proxied: Proxied;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly settings: DirectorySettings;
  readonly credentials: readonly ApplicationStatus[];
  readonly vaults: readonly VaultStatus[];
  /** Alerts that Event Grid has raised about the vaults' secrets. */
  readonly alerts: readonly Alert[];
  readonly faults: readonly FaultState[];
}

export function cloudStatus(context: CloudContext, resources: AzureResources): CloudStatus {
  const { clock, endpoints, tenantId, subscriptionId, directory, faults } = context;
  const now = clock.now();
  return {
    clock: clock.toJSON(),
    endpoints: { ...endpoints },
    proxied: context.proxied,
    tenantId,
    subscriptionId,
    resourceGroup: RESOURCE_GROUP,
    settings: { ...directory.settings },
    credentials: credentialsStatus(directory),
    vaults: [...resources.vaults.list(), ...resources.vaults.listDeleted(now)].map((vault) =>
      vaultStatus(vault, context, now),
    ),
    alerts: resources.topics.alerts(resources.vaults, now),
    faults: faults.list(),
  };
}

function vaultStatus(vault: Vault, context: CloudContext, now: Date): VaultStatus {
  const { name, resourceGroup, secrets, deletion } = vault;
  return {
    name,
    resourceGroup,
    vaultUri: vaultUri(name, context),
    ...(deletion && { deletedAt: deletion.deletedAt.toISOString() }),
    secrets: [...secrets.list(), ...secrets.listDeleted(now)].map(secretStatus),
  };
}

function secretStatus({ name, deletion, versions }: Secret): SecretStatus {
  return {
    name,
    ...(deletion && { deletedAt: deletion.deletedAt.toISOString() }),
    versions: versions.map(({ version, created, updated, contentType, tags = {}, attributes }) => ({
      version,
      enabled: attributes.enabled,
      created: iso(created),
      updated: iso(updated),
      ...(attributes.notBefore !== undefined && { notBefore: iso(attributes.notBefore) }),
      ...(attributes.expires !== undefined && { expires: iso(attributes.expires) }),
      ...(contentType !== undefined && { contentType }),
      tags,
    })),
  };
}

function iso(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}
