// Compares the secrets that Entra lists on the application with those that the stack knows: what is foreign, what is
// named as ours but unknown, and what is missing. Nothing here is ever removed by the program.
import { DateTime } from "luxon";
import { harmless } from "../foreign-text";
import type { History, IssuedPassword } from "./history";
import type { Plan } from "./run-plan";
import { dayText, overlapUntil } from "./schedule";
import { sameId } from "./sign-ins";
import type { ListedSecret } from "./listed-secret";
import type { Standing, Witnesses } from "./standing";
import { NO_WITNESS, standingOf } from "./standing";

/** One secret that the stack does not have, as the outputs report it. */
export interface ReportedSecret {
  /** Empty when it was made without one. */
  readonly displayName: string;
  readonly keyId: string;
  readonly startDate: string;
  readonly endDate: string;
  /** The command that removes it, for a person to run; of one that is named as ours only where nobody is known to hold it. */
  readonly removeWith?: string;
}

/** One that is named as ours, with what is known of who holds it. */
export interface UnknownSecret extends ReportedSecret {
  readonly standing: Standing;
  /** By what that is known, or what is missing to know it. */
  readonly because: string;
}

/** What the directory said at the start of the run. */
export interface DirectoryReading {
  /** Empty before there is an application. */
  readonly clientId: string;
  /** Undefined when they could not be read: then nothing is known, which is not the same as none. */
  readonly secrets: readonly ListedSecret[] | undefined;
  /** What could not be read, and why. */
  readonly notes: readonly string[];
}

/** What the comparison came to. */
export interface Inventory {
  /** Not ours by name; undefined when it could not be read. */
  readonly foreign: readonly ReportedSecret[] | undefined;
  /**
   * Named as ours, but with a key id that the stack does not know: issued by a run that ended before it could keep it, or
   * by a stack whose state is lost or older than the secret. Only its standing says whether nobody holds it.
   */
  readonly orphans: readonly UnknownSecret[] | undefined;
  /** In the stack's state, but no longer in Entra. */
  readonly missing: readonly IssuedPassword[];
  /** What an operator is to know of the rest, one text each. */
  readonly notes: readonly string[];
}

/** Secrets of nobody's that may exist when a secret is issued; one run leaves at most one behind. */
export const MOST_ORPHANS = 1;
/** Entra allows 120 or so; what is longer is nobody's name. */
const MOST_NAME_CHARACTERS = 256;
/** The labels that epochs have: `2026-05`, `2026-05-17`, `2026-05-g1`. */
export const LABEL = /^\d{4}-\d{2}(-\d{2})?(-g[1-9]\d*)?$/;

/** Takes stock. `issued` is what the state holds; the history's key ids are known too. */
export function takeInventory(
  name: string,
  reading: DirectoryReading,
  { issued, history }: StackKnowledge,
  witnesses: Witnesses = NO_WITNESS,
): Inventory {
  const { clientId, secrets } = reading;
  if (clientId === "") return { foreign: [], orphans: [], missing: [], notes: [] };
  if (secrets === undefined) {
    return { foreign: undefined, orphans: undefined, missing: [], notes: reading.notes };
  }
  const { ours, foreign } = strangersAmong(name, secrets, { issued, history });
  const report = (secret: ListedSecret): ReportedSecret => ({
    displayName: harmless(secret.displayName ?? "", MOST_NAME_CHARACTERS),
    keyId: secret.keyId,
    startDate: wholeSeconds(secret.startDate),
    endDate: wholeSeconds(secret.endDate),
  });
  const removeWith = ({ keyId }: ListedSecret) => removalCommand(clientId, keyId);
  const unknown = ours.map((secret): UnknownSecret => {
    const found = standingOf(secret, secrets, witnesses);
    return {
      ...report(secret),
      ...found,
      ...(found.standing === "unheld" && { removeWith: removeWith(secret) }),
    };
  });
  const adopted = ({ keyId }: UnknownSecret) =>
    Object.entries(witnesses.adopted).some(([one]) => sameId(one, keyId));
  const listed = new Set(secrets.map(({ keyId }) => keyId.toLowerCase()));
  return {
    foreign: foreign.map((secret) => ({ ...report(secret), removeWith: removeWith(secret) })),
    orphans: unknown.filter((one) => !adopted(one)),
    missing: issued.filter(({ keyId }) => !listed.has(keyId.toLowerCase())),
    notes: [
      ...reading.notes,
      ...unknown.map((one) =>
        adopted(one) ? adoptedNote(name, one, history, witnesses) : unknownNote(name, one),
      ),
    ],
  };
}

/** What the stack knows of its secrets. */
export interface StackKnowledge {
  readonly issued: readonly IssuedPassword[];
  readonly history: History | undefined;
}

/** The listed secrets that the stack does not know: those that are named as its own, and the others. */
export function strangersAmong(
  name: string,
  secrets: readonly ListedSecret[],
  { issued, history }: StackKnowledge,
): { readonly ours: readonly ListedSecret[]; readonly foreign: readonly ListedSecret[] } {
  const known = new Set([...issued, ...recorded(history)].map(({ keyId }) => keyId.toLowerCase()));
  const strangers = secrets.filter(({ keyId }) => !known.has(keyId.toLowerCase()));
  const isOurs = ({ displayName }: ListedSecret): boolean => isNamedAsOurs(name, displayName);
  return { ours: strangers.filter(isOurs), foreign: strangers.filter((one) => !isOurs(one)) };
}

/** The command that removes one secret by its key id. */
export function removalCommand(clientId: string, keyId: string): string {
  return `az ad app credential delete --id ${clientId} --key-id ${keyId}`;
}

/**
 * Why a run may not issue another secret; undefined when it may. A run that is killed leaves an orphan, so runs that are
 * killed again and again would leave ever more of them. What may be in use is never to be deleted for it: it can be taken over.
 */
export function orphanProblem(
  { name, target }: Pick<Plan, "name" | "target">,
  issued: readonly IssuedPassword[],
  { orphans = [] }: Pick<Inventory, "orphans">,
): string | undefined {
  if (!issues({ target }, issued)) return undefined;
  const unheld = orphans.filter(({ standing }) => standing === "unheld");
  const open = orphans.filter(({ standing }) => standing === "unknown");
  if (unheld.length > MOST_ORPHANS) {
    return [
      `${name}: no secret may be issued for ${target.label} while the application has ${unheld.length} orphans, secrets ` +
        "of earlier runs that ended before their values were kept. Nothing was changed. Nobody holds their values: " +
        "the sign-in log and every consumer say so. Remove them, then run again:",
      ...unheld.map(({ removeWith, displayName }) => `  ${removeWith ?? ""}   (${displayName})`),
    ].join("\n");
  }
  if (open.length + unheld.length <= MOST_ORPHANS) return undefined;
  return [
    `${name}: the secret of ${target.label} waits to be issued: ${open.length + unheld.length} secrets on the application ` +
      "bear this credential's name and are not in its state, and it is not known of all whether a service holds them. " +
      `Nothing was changed. Delete none that may be in use. ${FIND_OUT} Take over those that you leave in place, which ` +
      "removes nothing, then run again:",
    ...open.map((one) => `  ${adoptCommand(name, one)}   (${one.because})`),
    ...unheld.map(({ removeWith, because }) => `  ${removeWith ?? ""}   (${because})`),
  ].join("\n");
}

/** The command that takes a secret over. */
export function adoptCommand(
  name: string,
  { keyId, displayName, endDate }: ReportedSecret,
): string {
  return `keyturn adopt ${keyId} --label ${displayName.slice(name.length + 1)} --ends ${endDate}`;
}

const FIND_OUT =
  "Find out: Entra admin center, Enterprise applications, the application, Sign-in logs, Service principal sign-ins; an entry's " +
  "details name the credential key ID.";

/** Refuses a run that would issue another secret beside several unknown ones. @throws Error that says what to do */
export function refuseOrphans(
  plan: Pick<Plan, "name" | "target">,
  issued: readonly IssuedPassword[],
  inventory: Inventory,
): void {
  const problem = orphanProblem(plan, issued, inventory);
  if (problem !== undefined) throw new Error(problem);
}

/** Whether the plan asks Entra for a secret that the state does not hold yet. */
export function issues(
  { target }: Pick<Plan, "target">,
  issued: readonly IssuedPassword[],
): boolean {
  return issued.every(({ label }) => label !== target.label);
}

/** What is still missing after a run: a refresh may have found it gone, and the run may have issued another. */
export function stillMissing(
  missing: readonly IssuedPassword[],
  keyIds: Readonly<Record<string, string>>,
): IssuedPassword[] {
  return missing.filter(({ label, keyId }) => keyIds[label] === keyId);
}

/** The reason of a run, with what is missing after it. */
export function reasonWith(reason: string, missing: readonly IssuedPassword[]): string {
  const gone = missing.map(({ label }) => `; the secret of ${label} is gone from Entra`);
  return missing.length === 0 ? reason : `${reason}${gone.join("")}; run with --refresh`;
}

function recorded(history: History | undefined): { readonly keyId: string }[] {
  if (history === undefined) return [];
  const { active, inFlight, retiring, skipped, released } = history;
  return [active, inFlight, ...retiring, ...skipped, ...released].filter(
    (epoch) => epoch !== undefined,
  );
}

/** Whether a secret bears the name of an epoch of this credential. */
export function isNamedAsOurs(name: string, displayName: string | null): boolean {
  const prefix = `${name} `;
  return displayName?.startsWith(prefix) === true && LABEL.test(displayName.slice(prefix.length));
}

/** What an operator is to know of a missing secret. */
export function missingNote(name: string, { label, keyId }: IssuedPassword): string {
  return (
    `${name}: the secret of ${label} (key id ${keyId}) is in the state, but Entra does not list it: somebody removed it. ` +
    "If it is the one in use or the one that is handed over, a run with --refresh issues another in the same epoch and moves the consumers to it; " +
    "otherwise that run drops it from the state and issues nothing, whatever its preview shows."
  );
}

/**
 * Why a secret is brought to nobody: Entra does not list it, and whoever took it could not sign in. Undefined when it may be
 * brought. @param missing the issued secrets that Entra does not list
 */
export function goneProblem(
  name: string,
  missing: readonly IssuedPassword[],
  keyId: string,
  consumer: string,
): string | undefined {
  const gone = missing.find((one) => sameId(one.keyId, keyId));
  if (gone === undefined) return undefined;
  return (
    `${name}: the secret of ${gone.label} (key id ${keyId}) is not brought to ${consumer}, since Entra does not list it: somebody ` +
    "removed it, or a tool that wrote the application's list of secrets back without it. Nothing was touched there. Run with " +
    "--refresh (keyturn run does): that run issues another in the same epoch."
  );
}

function unknownNote(name: string, secret: UnknownSecret): string {
  const { displayName, keyId, standing, because, removeWith } = secret;
  const who = `${name}: ${displayName} (key id ${keyId})`;
  if (standing === "unheld") {
    return (
      `${who} is an orphan: a run ended after Entra had issued it and before its value was kept, and nobody holds it: ` +
      `${because}. Remove it: ${removeWith ?? ""}`
    );
  }
  const take = `Take it over: ${adoptCommand(name, secret)}`;
  return standing === "held"
    ? `${who} is not in this stack's state, but in use: ${because}. Do not remove it. ${take}`
    : `${who} is not in this stack's state, and whether a service holds it is not known: ${because}. Do not remove it before you know. ${FIND_OUT} ${take}`;
}

function adoptedNote(
  name: string,
  { displayName, keyId, standing, because, removeWith }: UnknownSecret,
  history: History | undefined,
  { overlap, today }: Witnesses,
): string {
  const who = `${name}: ${displayName} (key id ${keyId}) is taken over: this stack did not keep it and never removes it`;
  const active = history?.active;
  if (active === undefined) return `${who}; its overlap begins when a successor is adopted.`;
  const until = dayText(overlapUntil({ overlap }, active.adoptedOn));
  if (today < until) return `${who}; its overlap runs until ${until}.`;
  return standing === "unheld"
    ? `${who}. Its overlap is over and nobody holds it: ${because}. Remove it: ${removeWith ?? ""}`
    : `${who}. Its overlap is over, but it is ${standing === "held" ? "in use" : "not known whether a service holds it"}: ${because}.`;
}

/** Entra's instants may have fractions of a second; ours have none. */
function wholeSeconds(instant: string): string {
  return DateTime.fromISO(instant, { zone: "utc" }).toFormat("yyyy-MM-dd'T'HH:mm:ss'Z'");
}
