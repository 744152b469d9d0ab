// The looks at a plan before it is carried out, and at a record after: each names its invariant.
import type { DateTime } from "luxon";
import { Duration } from "luxon";
import type { History } from "../../../components/pure/history";
import type { Plan } from "../../../components/pure/plan";
import type { ScheduleSettings } from "../../../components/pure/schedule";
import { dayOf, overlapUntil } from "../../../components/pure/schedule";
import { holds } from "./invariants";

interface Kept {
  readonly protect: boolean;
}

/** Looks at what a run is about to declare. */
export function lookAtPlan(
  planned: Plan,
  settings: ScheduleSettings,
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
      "a secret that never was adopted is skipped, and goes only when a successor is adopted",
      role === "skipped" || planned.released.includes(label),
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
  const raised = settings.generation > active.generation;
  const again = used.some(({ label }) => label.endsWith(`-g${settings.generation}`));
  if (!raised || again) return;
  holds(
    "rotate now: a raised generation is the target's, unless its label was used before",
    target.generation === settings.generation,
  );
}

/** Looks at what a run recorded. */
export function lookAtRecord(
  after: History,
  before: History | undefined,
  now: DateTime,
  settings: ScheduleSettings,
  retiredAt: ReadonlyMap<string, DateTime>,
): void {
  const overlap = Duration.fromISO(settings.overlap);
  const isOver = (label: string): boolean => {
    const at = retiredAt.get(label);
    return at !== undefined && now >= at.plus(overlap);
  };
  for (const { label } of after.released) {
    const retired = before?.retiring.some((epoch) => epoch.label === label) ?? false;
    const name = "a secret is released only when its successor is adopted and its overlap is over";
    holds(name, before?.active?.label !== label && after.active?.label !== label, label);
    if (!retired) continue;
    holds(name, after.active !== undefined && after.inFlight === undefined, label);
    holds("a retiring secret lives at least the overlap after the proven adoption", isOver(label));
  }
  const settledBefore = before?.inFlight?.label !== before?.active?.label;
  if (after.inFlight !== undefined || !settledBefore) return;
  const held = new Set((before?.retiring ?? []).map(({ label }) => label));
  for (const { label, successorAdoptedOn } of after.retiring.filter((e) => held.has(e.label))) {
    holds(
      "an overlap that is over ends with the next adopted run; at once when the glass is broken",
      dayOf(now.toJSDate()) < overlapUntil(settings, successorAdoptedOn),
      label,
    );
  }
}
