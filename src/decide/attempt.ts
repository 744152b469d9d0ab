// The attempt of a run: part of the hand-over's input, so that another one makes every host answer again. A host that holds
// the secret answers without a restart.
import type { Plan } from "./run-plan";

/** How much of an attempt may be labels: the host's contract takes 128 characters, the ordinal and the day 26 of them. */
const MAX_DOUBT = 100;
/** What of an attempt is no doubt. */
const ORDINAL_AND_DAY = /^\d+(\+asked-\d{4}-\d{2}-\d{2})?/;

/** What an attempt is made of. */
export type AttemptFacts = Pick<
  Plan,
  "target" | "history" | "today" | "skipped" | "releasing" | "released"
>;

/**
 * Counts the tries after "not now"; a run that waits for people only is no other try. A skipped secret may have reached a
 * consumer in a run that was killed before it could say so: its label makes the attempt another one, so that every consumer
 * answers again. So does the day of a run that releases or removes a secret: a host may have been put back from a snapshot, also
 * since such a run that failed.
 */
export function attemptOf(plan: AttemptFacts): string {
  const { target, history, today, skipped, releasing, released } = plan;
  const { active, inFlight } = history ?? {};
  const labels = [...skipped].sort();
  const doubt = labels.length > 0 ? `+${labels.join("+").slice(0, MAX_DOUBT)}` : "";
  const suffix = `${releasing.length + released.length > 0 ? `+asked-${today}` : ""}${doubt}`;
  if (inFlight?.label === target.label) {
    const forPeople = inFlight.again === false;
    // People are not asked by another attempt: as long as nothing else is in doubt, it stays as it was.
    if (forPeople && suffix === inFlight.attempt.replace(ORDINAL_AND_DAY, "")) {
      return inFlight.attempt;
    }
    return `${ordinal(inFlight.attempt) + (forPeople ? 0 : 1)}${suffix}`;
  }
  if (active?.label !== target.label) return `1${suffix}`;
  return suffix === "" ? active.attempt : `${ordinal(active.attempt) + 1}${suffix}`;
}

function ordinal(attempt: string): number {
  return Number.parseInt(attempt, 10);
}
