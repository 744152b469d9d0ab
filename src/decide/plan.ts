// Decides what a run declares: the epoch to hand over, what stays, what is let go, and why, in words.
// A pure function of the day, the config and the recorded history; it never looks at a clock.
import type { DateTime } from "luxon";
import { attemptOf } from "./attempt";
import type { History, IssuedPassword } from "./history";
import type { Epoch, ScheduleConfig } from "./schedule";
import { dayOf, dayText, overlapUntil, scheduleProblems } from "./schedule";
import { nextRotationAfter, targetEpoch } from "./target-epoch";
import { allProblems } from "../problems";
import { planReason } from "./reason";
import { takeBackReleased } from "./release";
import type { PasswordRole, Plan, PlannedPassword } from "./run-plan";

/**
 * Makes the plan of one run. `issued` is what the state holds, recorded or not: what a failed run issued stays
 * declared until a successor is adopted, and what was removed behind our back is not issued again. `unproven` are the
 * configured consumers that no run has recorded on the active secret.
 */
export function plan(
  now: Date | string,
  config: ScheduleConfig,
  recorded: History | undefined,
  issued?: readonly IssuedPassword[],
  unproven: readonly string[] = [],
): Plan {
  const problems = scheduleProblems(config);
  if (problems.length > 0) throw new Error(allProblems(config.name, problems));

  const today = dayOf(now);
  const history = takeBackReleased(recorded, unproven, dayText(today));
  const active = history?.active;
  const target = targetEpoch(today, config, history, issued ?? []);
  const holding = target.label === active?.label;
  const settled = history?.inFlight?.label !== active?.label;
  const exists = ({ label }: { readonly label: string }): boolean =>
    issued === undefined || issued.some((password) => password.label === label);
  const reissues = holding && !exists(target);
  // One that was skipped may be the target again, by a config that comes back.
  const isPast = (epoch: IssuedPassword): boolean => exists(epoch) && epoch.label !== target.label;
  const retiring = (history?.retiring ?? []).filter(isPast).map((epoch) => ({
    ...epoch,
    until: overlapUntil(config, epoch.successorAdoptedOn),
  }));
  // While a hand-over waits nothing is released: every consumer is to answer in the run that does.
  const isDue = (until: DateTime): boolean => history?.inFlight === undefined && today >= until;
  const staying = retiring.filter((epoch) => !isDue(epoch.until));
  const releasing = retiring.filter((epoch) => isDue(epoch.until));
  const removing = (history?.released ?? []).filter(isPast);
  const known = new Set(
    [target, ...(active ? [active] : []), ...retiring, ...(history?.released ?? [])].map(
      (epoch) => epoch.label,
    ),
  );
  const skipped = distinct([
    ...(issued ?? []),
    ...(history?.skipped ?? []),
    ...(history?.inFlight ? [history.inFlight] : []),
  ]).filter((epoch) => exists(epoch) && !known.has(epoch.label));

  const declare = (
    epoch: { readonly label: string; readonly endDate: string },
    role: PasswordRole,
    protect: boolean,
  ): PlannedPassword => ({
    label: epoch.label,
    displayName: `${config.name} ${epoch.label}`,
    endDate: epoch.endDate,
    protect,
    role,
  });
  const nextRotation = nextRotationAfter(target, today, config);
  const labels = {
    skipped: skipped.map((epoch) => epoch.label),
    releasing: releasing.map((epoch) => epoch.label),
    released: removing.map((epoch) => epoch.label),
  };
  const day = dayText(today);
  const facts = {
    name: config.name,
    today: day,
    target,
    adopted: holding && settled && !reissues,
    reissues,
    attempt: attemptOf({ target, history, today: day, ...labels }),
    waiting: waitingFor(target, config, history),
    passwords: [
      ...releasing.map((epoch) => declare(epoch, "releasing", false)),
      ...skipped.map((epoch) => declare(epoch, "skipped", false)),
      ...staying.map((epoch) => declare(epoch, "retiring", true)),
      ...(active && !holding && exists(active) ? [declare(active, "active", true)] : []),
      declare(target, "target", holding),
    ],
    retiring: staying.map((epoch) => ({ label: epoch.label, until: dayText(epoch.until) })),
    ...labels,
    nextRotation: dayText(nextRotation),
    daysLeft: Math.round(nextRotation.diff(today, "days").days),
    history,
  };
  return { ...facts, reason: planReason(facts) };
}

function waitingFor(target: Epoch, config: ScheduleConfig, history?: History): Plan["waiting"] {
  const { inFlight } = history ?? {};
  if (inFlight?.label !== target.label) return undefined;
  return { since: inFlight.since, until: dayText(overlapUntil(config, inFlight.since)) };
}

function distinct(epochs: readonly IssuedPassword[]): IssuedPassword[] {
  const byLabel = new Map<string, IssuedPassword>();
  for (const epoch of epochs) if (!byLabel.has(epoch.label)) byLabel.set(epoch.label, epoch);
  return [...byLabel.values()];
}
