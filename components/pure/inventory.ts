// Compares the secrets that Entra lists on the application with those that the stack knows: what is foreign, what is an
// orphan, and what is missing. Nothing here is ever removed by the program; it is said, with the command that removes it.
import { DateTime } from "luxon";
import type { History, IssuedPassword } from "./history";
import type { Plan } from "./plan";

/** One client secret as Entra lists it; Entra never shows a value again. */
export interface ListedSecret {
  readonly displayName: string | null;
  readonly keyId: string;
  readonly startDate: string;
  readonly endDate: string;
}

/** One secret that the stack does not have, as the outputs report it. */
export interface ReportedSecret {
  /** Empty when it was made without one. */
  readonly displayName: string;
  readonly keyId: string;
  readonly startDate: string;
  readonly endDate: string;
  /** The command that removes it, for a person to run. */
  readonly removeWith: string;
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
  /** Named as ours, but with a key id that the stack does not know: issued by a run that ended before it could keep it. */
  readonly orphans: readonly ReportedSecret[] | undefined;
  /** In the stack's state, but no longer in Entra. */
  readonly missing: readonly IssuedPassword[];
  /** What an operator is to know of the rest, one text each. */
  readonly notes: readonly string[];
}

/** Orphans that may exist when a secret is issued; one run leaves at most one behind. */
export const MOST_ORPHANS = 1;
/** The labels that epochs have: `2026-05`, `2026-05-17`, `2026-05-g1`. */
const LABEL = /^\d{4}-\d{2}(-\d{2})?(-g[1-9]\d*)?$/;

/** Takes stock. `issued` is what the state holds; the history's key ids are known too. */
export function takeInventory(
  name: string,
  reading: DirectoryReading,
  issued: readonly IssuedPassword[],
  history: History | undefined,
): Inventory {
  const { clientId, secrets } = reading;
  if (clientId === "") return { foreign: [], orphans: [], missing: [], notes: [] };
  if (secrets === undefined) {
    return { foreign: undefined, orphans: undefined, missing: [], notes: reading.notes };
  }
  const known = new Set([...issued, ...recorded(history)].map(({ keyId }) => keyId.toLowerCase()));
  const strangers = secrets.filter(({ keyId }) => !known.has(keyId.toLowerCase()));
  const isOurs = ({ displayName }: ListedSecret): boolean => isNamedAsOurs(name, displayName);
  const report = (secret: ListedSecret): ReportedSecret => ({
    displayName: secret.displayName ?? "",
    keyId: secret.keyId,
    startDate: wholeSeconds(secret.startDate),
    endDate: wholeSeconds(secret.endDate),
    removeWith: removalCommand(clientId, secret.keyId),
  });
  const foreign = strangers.filter((secret) => !isOurs(secret)).map(report);
  const orphans = strangers.filter(isOurs).map(report);
  const listed = new Set(secrets.map(({ keyId }) => keyId.toLowerCase()));
  const missing = issued.filter(({ keyId }) => !listed.has(keyId.toLowerCase()));
  return {
    foreign,
    orphans,
    missing,
    notes: [...reading.notes, ...orphans.map((orphan) => orphanNote(name, orphan))],
  };
}

/** The command that removes one secret by its key id. */
export function removalCommand(clientId: string, keyId: string): string {
  return `az ad app credential delete --id ${clientId} --key-id ${keyId}`;
}

/**
 * Why a run may not issue another secret; undefined when it may. A run that is killed leaves an orphan, so runs that are
 * killed again and again would leave ever more of them.
 */
export function orphanProblem(
  { name, target }: Pick<Plan, "name" | "target">,
  issued: readonly IssuedPassword[],
  { orphans = [] }: Pick<Inventory, "orphans">,
): string | undefined {
  if (orphans.length <= MOST_ORPHANS || !issues({ target }, issued)) return undefined;
  return [
    `${name}: no secret may be issued for ${target.label} while the application has ${orphans.length} orphans, secrets ` +
      "of earlier runs that ended before their values were kept. Nothing was changed. Nobody holds their values; " +
      "remove them, then run again:",
    ...orphans.map(({ removeWith, displayName }) => `  ${removeWith}   (${displayName})`),
  ].join("\n");
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

function isNamedAsOurs(name: string, displayName: string | null): boolean {
  const prefix = `${name} `;
  return displayName?.startsWith(prefix) === true && LABEL.test(displayName.slice(prefix.length));
}

/** What an operator is to know of a missing secret. */
export function missingNote(name: string, { label, keyId }: IssuedPassword): string {
  return (
    `${name}: the secret of ${label} (key id ${keyId}) is in the state, but Entra does not list it: somebody removed it. ` +
    "If it is the one in use, a run with --refresh issues another in the same epoch and moves the consumers to it; " +
    "otherwise that run drops it from the state and issues nothing, whatever its preview shows."
  );
}

function orphanNote(name: string, { displayName, keyId, removeWith }: ReportedSecret): string {
  return (
    `${name}: ${displayName} (key id ${keyId}) is an orphan: a run ended after Entra had issued it and before its value ` +
    `was kept, so nobody holds it. Remove it: ${removeWith}`
  );
}

/** Entra's instants may have fractions of a second; ours have none. */
function wholeSeconds(instant: string): string {
  return DateTime.fromISO(instant, { zone: "utc" }).toFormat("yyyy-MM-dd'T'HH:mm:ss'Z'");
}
