// Keyturn's program: settings, components, outputs. All decisions are made in components/pure.
import "./start-up";
import * as pulumi from "@pulumi/pulumi";
import { AppRegistration } from "./components/app-registration";
import { Credential } from "./components/credential";
import { CredentialVault } from "./components/credential-vault";
import { GraphPermissions } from "./components/graph-permissions";
import { LicenceGroups } from "./components/licence-groups";
import { NearExpiryAlarm } from "./components/near-expiry-alarm";
import { clientIdInState, issuedPasswords, parseHistory } from "./components/pure/history";
import { missingNote, reasonWith, stillMissing } from "./components/pure/inventory";
import { lastOutcomes } from "./components/pure/manual";
import { plan as makePlan } from "./components/pure/plan";
import { vaultSecretNames } from "./components/pure/vault-name";
import { readSettings } from "./config";
import { plainly } from "./plainly";
import { readLinkStates } from "./world-links";
import { readNow, readOwnStack, readScripts } from "./world";
import { refuseOrphans, takeStock } from "./world/directory";
import { readSightings } from "./world/sign-ins";
import { lookAtVault } from "./world/vault";

async function main(): Promise<Record<string, unknown>> {
  const [{ settings, secrets }, own] = await Promise.all([readSettings(), readOwnStack()]);
  const { name, product, consumers, tenantId, vaultResourceGroup, rehearsalClock } = settings;
  const { oneTimeServer, confirmations } = settings;
  const { every, overlap, lifetime, environment, metadataHost } = settings;
  const now = await readNow(rehearsalClock);
  const history = parseHistory(name, own.history);
  const issued = issuedPasswords(name, own.resources);
  const plan = makePlan(now, settings, history, issued);
  await pulumi.log.info(plan.adopted ? `not rotated: ${plan.reason}` : plan.reason);
  const taking = takeStock(settings, { resources: own.resources, issued, history });
  await refuseOrphans(plan, issued, taking);
  const stock = pulumi.output(taking);

  const last = lastOutcomes(own.consumers);
  const linkStates = await readLinkStates(oneTimeServer, last);
  const seen = await readSightings(settings, plan, clientIdInState(own.resources), last);
  const vaultNames = { component: `${name}-vault`, secrets: vaultSecretNames(name, consumers) };
  const { recover } = await lookAtVault(settings, own.resources, vaultNames);

  const registration = new AppRegistration(name, {
    displayName: product.applicationName,
    permissions: product.permissions,
  });
  const permissions = new GraphPermissions(`${name}-graph`, {
    permissions: product.permissions,
    graphRoleIds: registration.graphRoleIds,
    servicePrincipalObjectId: registration.servicePrincipalObjectId,
    graphServicePrincipalObjectId: registration.graphServicePrincipalObjectId,
  });
  const groups = new LicenceGroups(`${name}-licences`, {
    licenceGroup: product.licenceGroup,
    licenceMembers: product.licenceMembers,
  });
  const vault = new CredentialVault(vaultNames.component, {
    vaultName: settings.vaultName,
    credential: name,
    recover,
    resourceGroupName: vaultResourceGroup,
    subscriptionId: settings.subscriptionId,
    tenantId,
    create: settings.vaultCreate,
    location: settings.vaultLocation,
    readers: settings.vaultReaders,
  });
  new NearExpiryAlarm(`${name}-alarm`, {
    resourceGroupName: vaultResourceGroup,
    location: settings.vaultLocation,
    vaultResourceId: vault.vaultResourceId,
    actionGroups: settings.alarmActionGroups,
  });
  const credential = new Credential(name, {
    ...{ plan, product, consumers, tenantId, environment, metadataHost, vaultResourceGroup },
    schedule: { every, overlap, lifetime, rehearsalClock },
    people: {
      ...{ oneTimeServer, confirmations, last, linkStates },
      sightings: seen.sightings,
    },
    scripts: readScripts(consumers),
    vaultName: vault.vaultName,
    applicationResourceId: registration.applicationResourceId,
    clientId: registration.clientId,
    consented: permissions.consented,
    groupObjectId: groups.groupObjectId,
    secrets,
  });
  const missing = pulumi
    .all([stock.missing, credential.keyIds])
    .apply(([gone, keyIds]) => stillMissing(gone, keyIds));

  return {
    tenantId,
    clientId: registration.clientId,
    keyIds: credential.keyIds,
    consumers: credential.outcomes,
    links: credential.links,
    history: credential.record.apply((record) => record.history),
    reason: pulumi
      .all([credential.record, missing])
      .apply(([record, gone]) => reasonWith(record.reason, gone)),
    nextRotation: plan.nextRotation,
    daysLeft: plan.daysLeft,
    foreignSecrets: stock.foreign,
    orphans: stock.orphans,
    notes: pulumi
      .all([stock.notes, missing])
      .apply(([notes, gone]) => [
        ...notes,
        ...seen.notes,
        ...gone.map((one) => missingNote(name, one)),
      ]),
  };
}

export = () => plainly(main());
