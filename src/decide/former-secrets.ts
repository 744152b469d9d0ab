// What is known of the use of each former secret since its successor was adopted: its latest use, or since when it is silent.
// It stands in the outputs, since the log comes late, is not always readable, and forgets within a month.
import { z } from "zod";
import { plainAddress } from "../addresses";
import { MORE_THAN_ONE_RUN_READS } from "./log-state";
import type { Plan } from "./run-plan";
import { dayOf, dayText, overlapUntil } from "./schedule";
import type { LogContents, SignIn } from "./sign-ins";
import { LOG_KEEPS_DAYS, instantOf, sameId, usesOf } from "./sign-ins";

/** A secret whose successor is adopted. */
export interface OutgoingSecret {
  readonly label: string;
  readonly keyId: string;
  /** The day on which its successor was adopted. */
  readonly adoptedOn: string;
}

const use = z.object({
  at: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
  address: z.string(),
  resource: z.string(),
  requestId: z.string(),
});
const recorded = z.object({
  label: z.string(),
  keyId: z.string(),
  adoptedOn: z.iso.date().optional(),
  lastUse: use.optional(),
  unusedSince: z.string().optional(),
  readOn: z.iso.date().optional(),
});

/** A use of a former secret. */
export type FormerUse = z.infer<typeof use>;

/** What a run recorded of a former secret. */
export type RecordedUse = z.infer<typeof recorded>;

/** An entry of the output `formerSecrets`. */
export interface FormerSecret extends OutgoingSecret {
  /** Its latest use after the day of the adoption that any run has seen. */
  readonly lastUse?: FormerUse;
  /** The day, or the use, since which the log shows none, as far as it was read. */
  readonly unusedSince?: string;
  /** The day on which all of the log since then was last read. */
  readonly readOn?: string;
  /** Whether the log shows a whole overlap without a use. */
  readonly provenByLog: boolean;
  /** Why it does not. */
  readonly why?: string;
}

/** Picks what earlier runs have seen out of the output `formerSecrets`; what cannot be read was never said. */
export function recordedUses(value: unknown): RecordedUse[] {
  const entries: unknown[] = Array.isArray(value) ? value : [];
  return entries.flatMap((entry) => recorded.safeParse(entry).data ?? []);
}

/**
 * The secrets whose successor is adopted and that this run still has, or lets go. @param earlier by these the day of the
 * adoption is known of one that was released, of which the history keeps no day
 */
export function formerSecrets(
  { history, passwords, released }: Pick<Plan, "history" | "passwords" | "released">,
  earlier: readonly RecordedUse[] = [],
): OutgoingSecret[] {
  if (history === undefined) return [];
  const { active, retiring, skipped } = history;
  const adoptedOn = active?.adoptedOn;
  const candidates = [
    ...retiring.map((one) => ({ ...one, adoptedOn: one.successorAdoptedOn })),
    // The day of the latest adoption where none is recorded: every use since then is one too many.
    ...(adoptedOn === undefined
      ? []
      : [...skipped, ...history.released].map((one) => ({ ...one, adoptedOn }))),
  ];
  const former = passwords.filter(({ role }) => role === "retiring" || role === "releasing");
  const labels = new Set([...former.map(({ label }) => label), ...released]);
  return candidates
    .filter(({ label }) => labels.has(label))
    .map(({ label, keyId, adoptedOn: day }) => {
      const said = earlier.find((one) => sameId(one.keyId, keyId))?.adoptedOn;
      return { label, keyId, adoptedOn: said !== undefined && said < day ? said : day };
    });
}

/** Labels of those that a run lets go although the log has not shown a whole overlap without a use. */
export function notProvenByLog(
  former: readonly Pick<FormerSecret, "label" | "provenByLog">[],
  { releasing, released }: Pick<Plan, "releasing" | "released">,
): string[] {
  const leaving = new Set([...releasing, ...released]);
  return former
    .filter(({ label, provenByLog }) => leaving.has(label) && !provenByLog)
    .map(({ label }) => label);
}

/** The first day of the log that counts: what was before the adoption on its own day cannot be told from what came after. */
export function askedSince({ adoptedOn }: Pick<OutgoingSecret, "adoptedOn">): string {
  return dayText(dayOf(adoptedOn).plus({ days: 1 }));
}

/** Weighs one former secret: what this run has read, beside what earlier ones have. */
export function weigh(
  secret: OutgoingSecret,
  earlier: readonly RecordedUse[],
  overlap: string,
  log: LogContents,
  now: Date,
): FormerSecret {
  const before = earlier.find(({ keyId }) => sameId(keyId, secret.keyId));
  const seen = latest(reportedUse(log, secret), lastUseIn(log, secret));
  const lastUse = latest(before?.lastUse, seen);
  const silence = silenceOf(secret, before, lastUse, log, now);
  const why = unproven(secret, silence, overlap, log, now);
  return {
    ...secret,
    ...(lastUse && { lastUse }),
    ...silence,
    provenByLog: why === undefined,
    ...(why !== undefined && { why }),
  };
}

/** The first day on which a secret may go that was used: a whole overlap of silence, and no less than the log remembers. */
export function silentUntil({ at }: Pick<FormerUse, "at">, overlap: string): string {
  const day = at.slice(0, DAY);
  const remembered = overlapUntil({ overlap: `P${LOG_KEEPS_DAYS}D` }, day);
  const silent = overlapUntil({ overlap }, day);
  return dayText(silent > remembered ? silent : remembered);
}

type Silence = Pick<FormerSecret, "unusedSince" | "readOn">;

function silenceOf(
  secret: OutgoingSecret,
  before: RecordedUse | undefined,
  lastUse: FormerUse | undefined,
  log: LogContents,
  now: Date,
): Silence {
  const today = dayOf(now);
  const from = askedSince(secret);
  const known: Silence = {
    ...(before?.unusedSince !== undefined && { unusedSince: before.unusedSince }),
    ...(before?.readOn !== undefined && { readOn: before.readOn }),
  };
  if (log.entries === undefined || !log.complete || dayText(today) < from) {
    const since = later(lastUse?.at, known.unusedSince);
    return { ...known, ...(since !== undefined && { unusedSince: since }) };
  }
  const remembered = dayText(today.minus({ days: LOG_KEEPS_DAYS - 1 }));
  const start = remembered > from ? remembered : from;
  // Without a gap between two readings the silence goes on.
  const goesOn = before?.readOn !== undefined && before.readOn >= start;
  const since = later(lastUse?.at, (goesOn ? before.unusedSince : undefined) ?? start) ?? start;
  return { unusedSince: since, readOn: dayText(today) };
}

function unproven(
  secret: OutgoingSecret,
  { unusedSince, readOn }: Silence,
  overlap: string,
  log: LogContents,
  now: Date,
): string | undefined {
  const today = dayText(dayOf(now));
  if (log.entries === undefined) return log.why;
  if (!log.complete) return log.why ?? MORE_THAN_ONE_RUN_READS;
  if (readOn === undefined || unusedSince === undefined || today <= secret.adoptedOn) {
    return "the successor was adopted today, and the sign-in log is held against it from tomorrow on";
  }
  const since = unusedSince.slice(0, DAY);
  const whole = since <= askedSince(secret) || dayText(overlapUntil({ overlap }, since)) <= today;
  return whole ? undefined : `the sign-in log tells of no silence before ${since}`;
}

function lastUseIn(log: LogContents, secret: OutgoingSecret): FormerUse | undefined {
  const from = Date.parse(`${askedSince(secret)}T00:00:00Z`);
  const last = usesOf(log.entries ?? [], secret.keyId)
    .filter((one) => instantOf(one) >= from)
    .at(-1);
  return last && formerUse(last);
}

/** What the report tells counts like an entry of the log: it may hold a release back, and its silence proves nothing. */
function reportedUse(log: LogContents, secret: OutgoingSecret): FormerUse | undefined {
  const uses = log.entries === undefined ? [] : (log.activity?.uses ?? []);
  const from = Date.parse(`${askedSince(secret)}T00:00:00Z`);
  return uses
    .filter(({ keyId, at }) => sameId(keyId, secret.keyId) && Date.parse(at) >= from)
    .map(({ at, requestId }) => ({ at, address: "", resource: "", requestId }))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
    .at(-1);
}

function formerUse({ at, ipAddress, resource, requestId }: SignIn): FormerUse {
  return { at, address: plainAddress(ipAddress), resource, requestId };
}

/** The later of two, each a day or an instant. */
function later(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Date.parse(one) > Date.parse(other) ? one : other;
}

function latest(one: FormerUse | undefined, other: FormerUse | undefined): FormerUse | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return instantOf(one) > instantOf(other) ? one : other;
}

const DAY = "2026-05-01".length;
