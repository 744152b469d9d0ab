// Somebody's own Pulumi program: one of Keyturn's credentials under names of its own, beside resources that have nothing
// to do with it. It imports what package.json exports; only the lab's places come from config.
import { Group } from "@pulumi/azuread/group";
import * as pulumi from "@pulumi/pulumi";
import { RandomPet } from "@pulumi/random/randomPet";
import {
  AppRegistration,
  type AutomaticConsumer,
  type ConsumerSecrets,
  Credential,
  CredentialVault,
  GraphPermissions,
  type HostPreset,
  issuedPasswords,
  overlay,
  parseHistory,
  plan,
} from "keyturn";
import { presets } from "keyturn/presets";
import { readNow, readOwnStack, readScripts } from "keyturn/world";

/** As the lab's config says it. */
interface Given {
  readonly name: string;
  readonly connection: AutomaticConsumer["connection"];
  readonly overrides: object;
}

const NAME = "archive-mail";
const SCHEDULE = { anchor: "2026-05-01", every: "P3M", overlap: "P7D", lifetime: "P6M" } as const;

async function main(): Promise<object> {
  const config = new pulumi.Config();
  const [given] = config.requireObject<Given[]>("consumers");
  const preset = presets["sesar"];
  if (given === undefined || preset?.kind !== "automatic") throw new Error("no consumer");
  const { name, connection, overrides } = given;
  const host = overlay(preset.host, overrides) as HostPreset;
  const consumer: AutomaticConsumer = { kind: "automatic", name, connection, host, retry: 0 };

  const own = await readOwnStack("mailHistory");
  const now = await readNow(true);
  const settings = { name: NAME, generation: 0, ...SCHEDULE };
  const history = parseHistory(NAME, own.history);
  const planned = plan(now, settings, history, issuedPasswords(NAME, own.resources));

  const registration = new AppRegistration("mail-app", {
    displayName: "Mail archive",
    permissions: preset.permissions,
  });
  const permissions = new GraphPermissions("mail-consent", {
    permissions: preset.permissions,
    graphRoleIds: registration.graphRoleIds,
    servicePrincipalObjectId: registration.servicePrincipalObjectId,
    graphServicePrincipalObjectId: registration.graphServicePrincipalObjectId,
  });
  const tenantId = config.require("tenantId");
  const vaultResourceGroup = config.require("vaultResourceGroup");
  const vault = new CredentialVault("mail-vault", {
    vaultName: "mail-secrets",
    credential: NAME,
    recover: false,
    resourceGroupName: vaultResourceGroup,
    subscriptionId: config.require("subscriptionId"),
    tenantId,
    create: true,
    location: "westeurope",
    readers: [],
  });
  const { every, overlap, lifetime } = SCHEDULE;
  const credential = new Credential(NAME, {
    plan: planned,
    // The lab's replicas agree at once.
    preset: { ...preset, proof: { ...preset.proof, spreadSeconds: 1 } },
    consumers: [consumer],
    tenantId,
    vaultResourceGroup,
    schedule: { every, overlap, lifetime, rehearsalClock: true },
    manual: {
      oneTimeServer: "",
      confirmations: {},
      adoptionEvidence: {},
      last: [],
      linkStates: {},
    },
    scripts: readScripts([consumer]),
    environment: "public",
    metadataHost: config.require("metadataHost"),
    vaultName: vault.vaultName,
    applicationResourceId: registration.applicationResourceId,
    clientId: registration.clientId,
    consented: permissions.consented,
    groupObjectId: "",
    secrets:
      config.requireSecretObject<Readonly<Record<string, ConsumerSecrets>>>("consumerSecrets"),
  });

  const pet = new RandomPet("mascot");
  const group = new Group("operators", { displayName: "Mail operators", securityEnabled: true });
  return {
    mailClientId: registration.clientId,
    mailHistory: credential.record.apply((record) => record.history),
    mailReason: credential.record.apply((record) => record.reason),
    mascot: pet.id,
    operators: group.objectId,
  };
}

export = main;
