// Keyturn's program: settings, components, outputs. All decisions are made in components/pure.
import "./start-up";
import * as pulumi from "@pulumi/pulumi";
import { declareApplication } from "./components/application";
import { Credential } from "./components/credential";
import { CredentialVault } from "./components/credential-vault";
import { LicenceGroups } from "./components/licence-groups";
import { NearExpiryAlarm } from "./components/near-expiry-alarm";
import { clientIdInState, issuedPasswords, parseHistory } from "./components/pure/history";
import { missingNote, reasonWith, stillMissing } from "./components/pure/inventory";
import { lastOutcomes } from "./components/pure/manual";
import { plan as makePlan } from "./components/pure/plan";
import { readSettings } from "./config";
import { plainly } from "./plainly";
import { readLinkStates } from "./world/links";
import { readNow, readOwnStack, readScripts } from "./world";
import { refuseOrphans, takeStock } from "./world/directory";
import { componentNames, lookAround } from "./world/look-around";
import { readSightings } from "./world/sign-ins";

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
  const clientId = settings.applicationClientId || clientIdInState(own.resources);
  const seen = await readSightings(settings, plan, clientId, last);
  const names = componentNames(name);
  const found = await lookAround(settings, own.resources, names);

  const application = declareApplication(name, {
    displayName: product.applicationName,
    permissions: product.permissions,
    clientId: settings.applicationClientId,
    consented: found.application.consented,
  });
  const groups = new LicenceGroups(names.groups, {
    licenceGroup: product.licenceGroup,
    licenceMembers: product.licenceMembers,
    ...found.groups,
  });
  const vault = new CredentialVault(names.vault, {
    vaultName: settings.vaultName,
    credential: name,
    recover: found.vault.recover,
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
    ...application,
    groupObjectId: groups.groupObjectId,
    secrets,
  });
  const missing = pulumi
    .all([stock.missing, credential.keyIds])
    .apply(([gone, keyIds]) => stillMissing(gone, keyIds));

  return {
    tenantId,
    clientId: application.clientId,
    permissionDifferences: found.application.differences,
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
      .all([stock.notes, missing, credential.record])
      .apply(([notes, gone, record]) => [
        ...notes,
        ...seen.notes,
        ...record.notes,
        ...gone.map((one) => missingNote(name, one)),
      ]),
  };
}

export = () => plainly(main());
