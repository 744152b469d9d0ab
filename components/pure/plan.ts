// Decides what a run declares: the epoch to hand over, what stays, what is let go, and why, in words.
// A pure function of the day, the settings and the recorded history; it never looks at a clock.
import type { DateTime } from "luxon";
import type { History, IssuedPassword } from "./history";
import type { Epoch, ScheduleSettings } from "./schedule";
import { dayOf, dayText, overlapUntil, scheduleProblems } from "./schedule";
import { nextRotationAfter, targetEpoch } from "./target-epoch";
import { allProblems } from "./problems";
import { planReason } from "./reason";

/** How much of an attempt may be labels: the host's contract takes 128 characters. */
const MAX_DOUBT = 100;

/** What a declared password is to its consumers. */
export type PasswordRole = "target" | "active" | "retiring" | "releasing" | "skipped";

/** A password that the program declares in this run. */
export interface PlannedPassword {
  /** The epoch's label. */
  readonly label: string;
  /** Its name in Entra: `sesar 2026-05`. */
  readonly displayName: string;
  /** Its end, whole seconds; recorded once, never recomputed for a password that exists. */
  readonly endDate: string;
  /** Whether the engine itself refuses to delete it. */
  readonly protect: boolean;
  /** Why it is declared. */
  readonly role: PasswordRole;
}

/** What one run does. */
export interface Plan {
  /** The credential's name. */
  readonly name: string;
  /** The UTC day of the run. */
  readonly today: string;
  /** The epoch whose secret the consumers are to hold after this run. */
  readonly target: Epoch;
  /** Whether history says that every consumer holds it already. */
  readonly adopted: boolean;
  /** Whether the secret in use is gone and another is issued within its epoch. */
  readonly reissues: boolean;
  /** Part of the hand-over's input: another one makes every consumer answer again. */
  readonly attempt: string;
  /** Since when the target waits for its consumers, and the first day on which that is overdue. */
  readonly waiting: { readonly since: string; readonly until: string } | undefined;
  /** All passwords to declare, the target last. */
  readonly passwords: readonly PlannedPassword[];
  /** Epochs whose overlap runs, and the first day on which each may be released. */
  readonly retiring: readonly { readonly label: string; readonly until: string }[];
  /** Epochs declared unprotected in this run, to be recorded as released. */
  readonly releasing: readonly string[];
  /** Epochs that passed without adoption; declared until a successor is adopted. */
  readonly skipped: readonly string[];
  /** Released epochs that are left out: the engine deletes them in its last phase. */
  readonly released: readonly string[];
  /** The day of the next rotation. */
  readonly nextRotation: string;
  /** Days until then. */
  readonly daysLeft: number;
  /** The reason in words. */
  readonly reason: string;
  /** The history that the plan was made from. */
  readonly history: History | undefined;
}

/**
 * Makes the plan of one run. `issued` is what the state holds, recorded or not: what a failed run issued stays
 * declared until a successor is adopted, and what was removed behind our back is not issued again.
 */
export function plan(
  now: Date | string,
  settings: ScheduleSettings,
  history: History | undefined,
  issued?: readonly IssuedPassword[],
): Plan {
  const problems = scheduleProblems(settings);
  if (problems.length > 0) throw new Error(allProblems(settings.name, problems));

  const today = dayOf(now);
  const active = history?.active;
  const target = targetEpoch(today, settings, history, issued ?? []);
  const holding = target.label === active?.label;
  const settled = history?.inFlight?.label !== active?.label;
  const exists = ({ label }: { readonly label: string }): boolean =>
    issued === undefined || issued.some((password) => password.label === label);
  const reissues = holding && !exists(target);
  const retiring = (history?.retiring ?? []).filter(exists).map((epoch) => ({
    ...epoch,
    until: overlapUntil(settings, epoch.successorAdoptedOn),
  }));
  const isDue = (until: DateTime): boolean => settled && today >= until;
  const staying = retiring.filter((epoch) => !isDue(epoch.until));
  const releasing = retiring.filter((epoch) => isDue(epoch.until));
  const recorded = new Set(
    [target, ...(active ? [active] : []), ...retiring, ...(history?.released ?? [])].map(
      (epoch) => epoch.label,
    ),
  );
  const skipped = distinct([
    ...(issued ?? []),
    ...(history?.skipped ?? []),
    ...(history?.inFlight ? [history.inFlight] : []),
  ]).filter((epoch) => exists(epoch) && !recorded.has(epoch.label));

  const declare = (
    epoch: { readonly label: string; readonly endDate: string },
    role: PasswordRole,
    protect: boolean,
  ): PlannedPassword => ({
    label: epoch.label,
    displayName: `${settings.name} ${epoch.label}`,
    endDate: epoch.endDate,
    protect,
    role,
  });
  const nextRotation = nextRotationAfter(target, today, settings);
  const facts = {
    name: settings.name,
    today: dayText(today),
    target,
    adopted: holding && settled && !reissues,
    reissues,
    attempt: attemptFor(target, history, skipped),
    waiting: waitingFor(target, settings, history),
    passwords: [
      ...releasing.map((epoch) => declare(epoch, "releasing", false)),
      ...skipped.map((epoch) => declare(epoch, "skipped", false)),
      ...staying.map((epoch) => declare(epoch, "retiring", true)),
      ...(active && !holding && exists(active) ? [declare(active, "active", true)] : []),
      declare(target, "target", holding),
    ],
    retiring: staying.map((epoch) => ({ label: epoch.label, until: dayText(epoch.until) })),
    releasing: releasing.map((epoch) => epoch.label),
    skipped: skipped.map((epoch) => epoch.label),
    released: (history?.released ?? []).map((epoch) => epoch.label),
    nextRotation: dayText(nextRotation),
    daysLeft: Math.round(nextRotation.diff(today, "days").days),
    history,
  };
  return { ...facts, reason: planReason(facts) };
}

function waitingFor(target: Epoch, settings: ScheduleSettings, history?: History): Plan["waiting"] {
  const { inFlight } = history ?? {};
  if (inFlight?.label !== target.label) return undefined;
  return { since: inFlight.since, until: dayText(overlapUntil(settings, inFlight.since)) };
}

/**
 * Counts the tries after "not now"; a run that waits for people only is no other try. A skipped secret may have reached a consumer in a run that was killed before
 * it could say so: its label makes the attempt another one, so that every consumer answers again.
 */
function attemptFor(
  target: Epoch,
  history: History | undefined,
  skipped: readonly IssuedPassword[],
): string {
  const { active, inFlight } = history ?? {};
  const labels = skipped.map((epoch) => epoch.label).sort();
  const doubt = labels.length > 0 ? `+${labels.join("+").slice(0, MAX_DOUBT)}` : "";
  if (inFlight?.label === target.label) {
    return `${ordinal(inFlight.attempt) + (inFlight.again === false ? 0 : 1)}${doubt}`;
  }
  if (active?.label !== target.label) return `1${doubt}`;
  return doubt === "" ? active.attempt : `${ordinal(active.attempt) + 1}${doubt}`;
}

function ordinal(attempt: string): number {
  return Number.parseInt(attempt, 10);
}

function distinct(epochs: readonly IssuedPassword[]): IssuedPassword[] {
  const byLabel = new Map<string, IssuedPassword>();
  for (const epoch of epochs) if (!byLabel.has(epoch.label)) byLabel.set(epoch.label, epoch);
  return [...byLabel.values()];
}
