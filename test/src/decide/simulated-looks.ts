// The looks at a plan before it is carried out, and at a record after: each names its invariant.
import type { DateTime } from "luxon";
import { Duration } from "luxon";
import type { History } from "../../../src/decide/history";
import type { ManualOutcome } from "../../../src/decide/outcome";
import type { Plan } from "../../../src/decide/run-plan";
import type { ScheduleConfig } from "../../../src/decide/schedule";
import { dayOf, overlapUntil } from "../../../src/decide/schedule";
import { holds } from "./invariants";

interface Kept {
  readonly protect: boolean;
}

/** Looks at what a run is about to declare. */
export function lookAtPlan(
  planned: Plan,
  config: ScheduleConfig,
  history: History | undefined,
  state: ReadonlyMap<string, Kept>,
  everAdopted: ReadonlySet<string>,
): void {
  const { target, today, passwords } = planned;
  const declared = new Set(passwords.map(({ label }) => label));
  holds(
    "a label is declared once, and a secret is never replaced",
    declared.size === passwords.length,
  );
  holds(
    "the target has not ended, so that nothing depends on a secret after its end",
    target.endDate.slice(0, today.length) > today,
  );
  for (const [label, { protect }] of state) {
    holds(
      "the engine is never asked to delete a protected secret",
      !protect || declared.has(label),
      label,
    );
    const { role } = passwords.find((password) => password.label === label) ?? {};
    if (everAdopted.has(label) || label === target.label) continue;
    holds(
      "a secret that never was adopted is skipped, and retires when a successor is adopted",
      role === "skipped" ||
        planned.released.includes(label) ||
        [history?.retiring, history?.released].some((some) => some?.some((e) => e.label === label)),
      label,
    );
  }
  const { active } = history ?? {};
  if (active === undefined) return;
  holds(
    "a change of every, or of the clock, never goes back to an earlier epoch",
    target.label === active.label ||
      target.start >= active.start ||
      target.generation > active.generation,
  );
  const used = [active, ...(history?.retiring ?? []), ...(history?.released ?? [])];
  const raised = config.generation > active.generation;
  const again = used.some(({ label }) => label.endsWith(`-g${config.generation}`));
  if (!raised || again) return;
  holds(
    "rotate now: a raised generation is the target's, unless its label was used before",
    target.generation === config.generation,
  );
}

/** Looks at what a run recorded. */
export function lookAtRecord(
  after: History,
  before: History | undefined,
  now: DateTime,
  config: ScheduleConfig,
  retiredAt: ReadonlyMap<string, DateTime>,
  everAdopted: ReadonlySet<string>,
  withheld: ReadonlySet<string>,
): void {
  const overlap = Duration.fromISO(config.overlap);
  const isOver = (label: string): boolean => {
    const at = retiredAt.get(label);
    return at !== undefined && now >= at.plus(overlap);
  };
  for (const { label } of after.released) {
    // What was taken back from the released ones had its overlap before.
    const again = before?.released.some((epoch) => epoch.label === label) ?? false;
    const name = "a secret is released only when its successor is adopted and its overlap is over";
    holds(name, before?.active?.label !== label && after.active?.label !== label, label);
    holds(name, after.active !== undefined && after.inFlight === undefined, label);
    if (again) continue;
    holds(
      everAdopted.has(label)
        ? "a retiring secret lives at least the overlap after the proven adoption"
        : "a secret that never was adopted lives at least the overlap after its successor's adoption",
      isOver(label),
      label,
    );
  }
  if (after.inFlight !== undefined || before?.inFlight !== undefined) return;
  const held = new Set((before?.retiring ?? []).map(({ label }) => label));
  const due = after.retiring.filter(({ label }) => held.has(label) && !withheld.has(label));
  for (const { label, successorAdoptedOn } of due) {
    holds(
      "an overlap that is over ends with the next adopted run; at once when the glass is broken",
      dayOf(now.toJSDate()) < overlapUntil(config, successorAdoptedOn),
      label,
    );
  }
}

/** Looks at what the log holds back. */
export function lookAtWithheld({ withheld = [], passwords }: Plan, notes: readonly string[]): void {
  for (const { label } of withheld) {
    const password = passwords.find((one) => one.label === label);
    const said = notes.some((note) => note.includes(`${label} is not let go`) && WAYS.test(note));
    holds(
      "what the log holds back stays protected, and a way forward is said",
      password?.protect === true && password.role === "retiring" && said,
      label,
    );
  }
}

/** Looks at what people are told for whom a run waits. */
export function lookAtWaiting(manual: readonly ManualOutcome[]): void {
  for (const { name, outcome, reason, instruction } of manual) {
    if (outcome !== "waiting") continue;
    holds(WAY_FORWARD, reason !== "" && instruction.length > 0, name);
  }
}

/** Of a run that waits for people, one that is red for their delay, and one that may not remove. */
export const WAY_FORWARD = "a run that waits or is refused says the way forward";

const WAYS =
  /let go on \d{4}-\d{2}-\d{2} at the earliest|set requireSignInLog to false|restart it, or correct its address/;
