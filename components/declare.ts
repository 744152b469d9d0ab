// Declares all of a stack: the application, its groups, the vault with its alarm, and the credential with its consumers.
import type * as pulumi from "@pulumi/pulumi";
import { notProvenByLog } from "../src/decide/former-secrets";
import type { Plan } from "../src/decide/run-plan";
import type { ConsumerSecrets, KeyturnConfig } from "../src/keyturn-config";
import type { StackFacts, TenantFacts } from "../src/observe";
import { componentNames } from "../src/observe";
import { declareApplication } from "./application";
import { Credential } from "./credential";
import { CredentialVault } from "./credential-vault";
import { LicenceGroups } from "./licence-groups";
import { NearExpiryAlarm } from "./near-expiry-alarm";

/** What a stack is declared from. */
export interface Declaration {
  readonly config: KeyturnConfig;
  /** By consumer name; secret as a whole. */
  readonly secrets: pulumi.Output<Readonly<Record<string, ConsumerSecrets>>>;
  readonly stack: StackFacts;
  readonly tenant: TenantFacts;
  readonly plan: Plan;
}

/** What the outputs are made of. */
export interface DeclaredStack {
  readonly clientId: pulumi.Output<string>;
  readonly credential: Credential;
}

/** Declares the stack. Order is by data: the engine does what does not wait for another at the same time. */
export function declare({ config, secrets, stack, tenant, plan }: Declaration): DeclaredStack {
  const { name, preset, tenantId, vaultResourceGroup: resourceGroupName, vaultLocation } = config;
  const names = componentNames(name);
  const application = declareApplication(name, {
    displayName: preset.applicationName,
    permissions: preset.permissions,
    clientId: config.applicationClientId,
    owners: config.owners,
    consented: tenant.application.consented,
    lost: tenant.lost,
  });
  const groups = new LicenceGroups(names.groups, {
    licenceGroup: preset.licenceGroup,
    licenceMembers: preset.licenceMembers,
    owners: config.owners,
    ...tenant.groups,
  });
  const vault = new CredentialVault(names.vault, {
    vaultName: config.vaultName,
    credential: name,
    recover: tenant.vault.recover,
    purgeProtection: tenant.vault.purgeProtected,
    resourceGroupName,
    subscriptionId: config.subscriptionId,
    tenantId,
    create: config.vaultCreate,
    location: vaultLocation,
    readers: tenant.readers,
    tags: config.vaultTags,
    network: config.vaultNetwork,
  });
  new NearExpiryAlarm(`${name}-alarm`, {
    resourceGroupName,
    location: vaultLocation,
    vaultResourceId: vault.vaultResourceId,
    actionGroups: config.alarmActionGroups,
  });
  const { every, overlap, lifetime, rehearsalClock } = config;
  const credential = new Credential(name, {
    plan,
    schedule: { every, overlap, lifetime, rehearsalClock },
    preset,
    consumers: config.consumers,
    manual: {
      oneTimeServer: config.oneTimeServer,
      confirmations: config.confirmations,
      adoptionEvidence: tenant.log.evidence,
      last: stack.last,
      linkStates: tenant.linkStates,
    },
    signInLog: {
      evidence: tenant.log.evidence,
      notSeen: tenant.log.notSeen,
      sightings: stack.sightings,
      notProvenByLog: notProvenByLog(tenant.log.formerSecrets, plan),
    },
    scripts: stack.scripts,
    formerUpdates: stack.formerUpdates,
    missing: tenant.inventory.missing,
    tenantId,
    environment: config.environment,
    metadataHost: config.metadataHost,
    vaultResourceGroup: resourceGroupName,
    vaultName: vault.vaultName,
    ...application,
    groupObjectId: groups.groupObjectId,
    secrets,
  });
  return { clientId: application.clientId, credential };
}
