// What a report says of a stack: facts from its last successful run's outputs, weighed on a day. Pure, nothing secret.
import { dayOf, dayText, overlapUntil } from "../../components/pure/schedule";
import type { ConsumerOutcome, SecretInEntra, StackOutputs } from "../project/outputs";
import type { LastRun } from "../project/project";
import { type SecretRow, secretRows } from "./secrets";
import { warningsOf } from "./warnings";

/** What the report is made from. */
export interface ReportFacts {
  readonly stack: string;
  readonly outputs: StackOutputs;
  /** The config by bare key, secrets left out. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly now: Date;
  readonly lastRun: LastRun | undefined;
}

export interface ConsumerRow {
  readonly name: string;
  readonly kind: string;
  readonly outcome: string;
  readonly adopted: boolean;
  readonly keyId: string;
  /** The day since which it does not hold the secret in flight. */
  readonly waitingSince?: string;
  readonly reason?: string;
  /** What people are to do, line by line. */
  readonly todo: readonly string[];
  /** Whether its one-time link was read, at the last run. */
  readonly link?: string;
}

/** A secret of the application that this stack does not hold. */
export interface StrangerRow extends SecretInEntra {
  readonly ageDays?: number;
}

/** The report; `--json` prints it as it is. */
export interface StackReport {
  readonly stack: string;
  readonly credential: string;
  readonly day: string;
  readonly tenantId?: string;
  readonly clientId?: string;
  readonly lastRun?: LastRun;
  /** The last successful run's own words. */
  readonly reason?: string;
  readonly nextRotation?: { readonly on: string; readonly inDays: number };
  readonly secrets: readonly SecretRow[];
  readonly consumers: readonly ConsumerRow[];
  readonly foreignSecrets: readonly StrangerRow[];
  readonly orphans: readonly StrangerRow[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  /** Outputs that the last run's program did not write. */
  readonly notRecorded: readonly string[];
}

/** Everything that a run of this version writes. */
const EXPECTED = [
  "tenantId",
  "clientId",
  "consumers",
  "history",
  "reason",
  "nextRotation",
  "foreignSecrets",
  "orphans",
  "notes",
] as const;

/** Weighs the facts of a stack on a day. */
export function stackReport(facts: ReportFacts): StackReport {
  const { stack, outputs, settings, now, lastRun } = facts;
  const { tenantId, clientId, reason, nextRotation, history } = outputs;
  const today = dayOf(now);
  const until = (day: string): string =>
    dayText(overlapUntil({ overlap: String(settings["overlap"]) }, day));
  const secrets = secretRows(history, today, until);
  const strangers = (rows: readonly SecretInEntra[] = []): StrangerRow[] =>
    rows.map((row) => ({ ...row, ...ageOf(row, facts.now) }));
  const report = {
    stack,
    credential: String(settings["name"]),
    day: dayText(today),
    ...(tenantId !== undefined && { tenantId }),
    ...(clientId !== undefined && { clientId }),
    ...(lastRun && { lastRun }),
    ...(reason !== undefined && { reason }),
    ...(nextRotation !== undefined && {
      nextRotation: { on: nextRotation, inDays: daysBetween(now, nextRotation) },
    }),
    secrets,
    consumers: (outputs.consumers ?? []).map((one) => consumerRow(one, history?.inFlight)),
    foreignSecrets: strangers(outputs.foreignSecrets),
    orphans: strangers(outputs.orphans),
    notes: outputs.notes ?? [],
    notRecorded: EXPECTED.filter((name) => outputs[name] === undefined),
  };
  return { ...report, warnings: warningsOf(report, facts, until) };
}

function consumerRow(
  outcome: ConsumerOutcome,
  inFlight: { readonly keyId: string; readonly since: string } | undefined,
): ConsumerRow {
  const { name, kind = "automatic", outcome: word, adopted, keyId, reason, link } = outcome;
  const waits = inFlight !== undefined && !(adopted && keyId === inFlight.keyId);
  return {
    ...{ name, kind, adopted, keyId },
    outcome: word.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
    ...(waits && { waitingSince: inFlight.since }),
    ...(reason !== undefined && { reason }),
    todo: waits ? (outcome.instruction ?? []) : [],
    ...(link !== undefined && { link }),
  };
}

function ageOf({ startDate }: SecretInEntra, now: Date): { readonly ageDays?: number } {
  return startDate == null ? {} : { ageDays: -daysBetween(now, startDate) };
}

function daysBetween(now: Date, day: string): number {
  return Math.round(dayOf(day).diff(dayOf(now), "days").days);
}
