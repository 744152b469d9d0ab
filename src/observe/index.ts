// Observes, once and before anything is declared: first what the stack itself knows, then what the tenant and the
// servers say about it. Previews observe too; nothing is written.
import { log } from "@pulumi/pulumi";
import { endingVersionNotes } from "../decide/api-versions";
import type { AdoptionPlan } from "../decide/existing-application";
import { NO_ADOPTION } from "../decide/existing-application";
import type { GroupPlan } from "../decide/existing-groups";
import type { History, IssuedPassword } from "../decide/history";
import { type Sighting, recordedSightings } from "../decide/adoption-level";
import { type RecordedUse, recordedUses } from "../decide/former-secrets";
import { clientIdInState, issuedPasswords, parseHistory } from "../decide/history";
import type { Inventory } from "../decide/inventory";
import type { LastOutcome } from "../decide/outcome";
import { lastOutcomes } from "../decide/outcome";
import { recordedProofs } from "../decide/own-proofs";
import { unprovenConsumers } from "../decide/release";
import type { Plan } from "../decide/run-plan";
import type { ProofSpan } from "../decide/sign-ins";
import type { HeldSecret } from "../decide/standing";
import { heldSecrets } from "../decide/standing";
import { vaultSecretNames } from "../decide/vault-name";
import type { VaultPlan } from "../decide/vault-plan";
import type { FormerUpdate } from "../contracts/check-ssh";
import type { LinkState } from "../contracts/one-time-link";
import type { KeyturnConfig } from "../keyturn-config";
import { readApplicationToAdopt, readGroupsToAdopt } from "./application-and-groups";
import { formerUpdates } from "./former-updates";
import { type LostAnswers, readLostAnswers } from "./lost-answers";
import { refuseWrongClock } from "./microsoft-clock";
import { refuseNamesakes } from "./namesakes";
import { readLinkStates } from "./one-time-links";
import { readNow, readOwnStack, readScripts } from "./own-stack";
import { readDirectory, readInventory, unknownSince } from "./secrets";
import { refuseOtherTenant } from "./signed-in";
import type { LogReading } from "./sign-in-log";
import { readSignInLog } from "./sign-in-log";
import { type Resources, heldVersions } from "./state";
import { readVaultPlan } from "./vault";
import { readersToDeclare } from "./vault-readers";

/** Resource names of the components whose resources are looked for in the state. */
export interface ComponentNames {
  readonly groups: string;
  readonly vault: string;
}

/** The names of a credential's components. */
export function componentNames(credential: string): ComponentNames {
  return { groups: `${credential}-licences`, vault: `${credential}-vault` };
}

/** What the stack itself knows at the start of a run. */
export interface StackFacts {
  /** The time of this run. */
  readonly now: Date;
  /** The record of the last successful run; undefined before the first. */
  readonly history: History | undefined;
  /** The passwords that the state holds, recorded or not. */
  readonly issued: readonly IssuedPassword[];
  /** What the last successful run said about consumers that people serve. */
  readonly last: readonly LastOutcome[];
  /** The automatic consumers that the sign-in log has shown on a secret, by the last successful run. */
  readonly sightings: readonly Sighting[];
  /** What it says of the use of the secrets whose successor is adopted. */
  readonly formerUses: readonly RecordedUse[];
  /** When our own proofs signed in, as it says. */
  readonly proofs: readonly ProofSpan[];
  /** What every configured consumer holds, by the last successful run. */
  readonly held: readonly HeldSecret[];
  /** The configured consumers of which it did not say that they hold the active secret. */
  readonly unproven: readonly string[];
  readonly resources: Resources;
  /** Client id of the application; empty before there is one. */
  readonly clientId: string;
  /** Text of the update scripts that the consumers need, by interpreter. */
  readonly scripts: Readonly<Record<string, string>>;
  /** By consumer, what the state holds of its host's last update. */
  readonly formerUpdates: Readonly<Record<string, FormerUpdate>>;
  /** What an operator is to know of the state. */
  readonly notes: readonly string[];
}

/** What the tenant, the vault and the one-time server say. */
export interface TenantFacts {
  readonly application: AdoptionPlan;
  /** What earlier runs have made of it although the answer was lost. */
  readonly lost: LostAnswers;
  readonly groups: GroupPlan;
  readonly vault: VaultPlan & { readonly purgeProtected: boolean };
  /** Who is to be given the right to read the vault. */
  readonly readers: KeyturnConfig["vaultReaders"];
  /** The client secrets on the application. */
  readonly inventory: Inventory;
  /** What the sign-in log says about the consumers and about the secrets that are to go. */
  readonly log: LogReading;
  /** By consumer, whether its one-time link was opened. */
  readonly linkStates: Readonly<Record<string, LinkState>>;
}

/**
 * Reads the time and the stack's own outputs and state. @param under the stack output that holds this credential's outputs;
 * without one they are the stack's. @throws Error when the history cannot be read
 */
export async function observeStack(config: KeyturnConfig, under?: string): Promise<StackFacts> {
  const { name, rehearsalClock, applicationClientId, consumers } = config;
  await refuseOtherTenant(config);
  const own = await readOwnStack("history", under);
  const history = parseHistory(name, own.history, own);
  const now = await readNow(rehearsalClock);
  const notes = endingVersionNotes(name, heldVersions(own.resources), now);
  for (const note of notes) await log.warn(note);
  return {
    now,
    history,
    issued: issuedPasswords(name, own.resources),
    last: lastOutcomes(own.consumers),
    sightings: recordedSightings(own.consumers),
    formerUses: recordedUses(own.formerSecrets),
    proofs: recordedProofs(own.proofs),
    held: heldSecrets(
      own.consumers,
      consumers.map((one) => one.name),
    ),
    unproven: unprovenConsumers(config, history, own.consumers),
    resources: own.resources,
    clientId: applicationClientId || clientIdInState(name, own.resources),
    scripts: readScripts(consumers),
    formerUpdates: formerUpdates(name, consumers, own.resources),
    notes,
  };
}

/** Reads the tenant and the servers: the secrets first, since the log is asked about those that nobody knows. @throws Error that says what stands in the way */
export async function observe(
  config: KeyturnConfig,
  stack: StackFacts,
  plan: Plan,
): Promise<TenantFacts> {
  const { resources, last } = stack;
  const names = componentNames(config.name);
  const secrets = vaultSecretNames(config.name, config.consumers);
  await refuseNamesakes(config, stack.clientId);
  const directory = await readDirectory(config, stack.clientId);
  const unknown = unknownSince(config, directory, stack);
  const [application, lost, groups, vault, readers, log, linkStates] = await Promise.all([
    readApplicationToAdopt(config),
    readLostAnswers(config, resources, stack.clientId),
    readGroupsToAdopt(config, resources, names.groups),
    readVaultPlan(config, resources, { component: names.vault, secrets }),
    readersToDeclare(config, resources, names.vault),
    readSignInLog(config, plan, stack, unknown),
    readLinkStates(config.oneTimeServer, last),
  ]);
  await refuseWrongClock(config, stack.now);
  const inventory = await readInventory(config, directory, stack, {
    consumers: stack.held,
    log: log.contents,
    adopted: config.adopted,
    overlap: config.overlap,
    today: plan.today,
    now: stack.now,
  });
  return {
    application: application ?? NO_ADOPTION,
    lost,
    groups,
    vault,
    readers,
    inventory,
    log,
    linkStates,
  };
}
