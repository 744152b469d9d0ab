// What a report says of a stack: facts from its last successful run's outputs, weighed on a day. Pure, nothing secret.
import { dayOf, dayText, overlapInForce, overlapUntil } from "../../../src/decide/schedule";
import type { ConsumerOutcome, SecretInEntra } from "../project/outputs";
import type { ConsumerRow, ReportFacts, StackReport, StrangerRow } from "./report";
import { secretRows } from "./secrets";
import { warningsOf } from "./warnings";
import { configText } from "../project/config-text";

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
  const { stack, outputs, config, now, lastRun } = facts;
  const { tenantId, clientId, reason, nextRotation, history } = outputs;
  const today = dayOf(now);
  const broken = Number(config["brokenGlass"] ?? 0);
  const until = (day: string): string =>
    dayText(overlapUntil({ overlap: overlapInForce(configText(config, "overlap"), broken) }, day));
  const secrets = secretRows(history, today, until, outputs.formerSecrets);
  const strangers = (rows: readonly SecretInEntra[] = []): StrangerRow[] =>
    rows.map((row) => ({ ...row, ...ageOf(row, facts.now) }));
  const report = {
    stack,
    credential: configText(config, "name"),
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
    name,
    kind,
    adopted,
    keyId,
    outcome: word.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
    ...(waits && { waitingSince: inFlight.since }),
    ...(reason !== undefined && { reason }),
    ...proofOf(outcome),
    todo: waits ? (outcome.instruction ?? []) : [],
    ...(link !== undefined && { link }),
  };
}

/** What an earlier release wrote has no level: it was the host's word. */
function proofOf(one: ConsumerOutcome): { readonly proof?: string } {
  const { adopted, kind = "automatic", level, seen, notSeen } = one;
  if (!adopted) return {};
  if (seen !== undefined) {
    return {
      proof: `proven by log: signed in at ${seen.at} from ${seen.address}, request id ${seen.requestId}`,
    };
  }
  if (level === "log") return { proof: "proven by log" };
  if (level === "people" || kind !== "automatic")
    return { proof: "confirmed by people, not proven by log" };
  const why = notSeen === undefined ? "" : `: ${notSeen}`;
  return { proof: `proven by its host, not by log${why}` };
}

function ageOf({ startDate }: SecretInEntra, now: Date): { readonly ageDays?: number } {
  return startDate == null ? {} : { ageDays: -daysBetween(now, startDate) };
}

function daysBetween(now: Date, day: string): number {
  return Math.round(dayOf(day).diff(dayOf(now), "days").days);
}
