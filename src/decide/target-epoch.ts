// Which epoch's secret the consumers are to hold on a day, and when the next one is due.
import type { DateTime } from "luxon";
import { Duration } from "luxon";
import type { History, IssuedPassword } from "./history";
import type { Epoch, ScheduleConfig } from "./schedule";
import {
  REMINDER_DAYS,
  dayOf,
  dayText,
  epochFrom,
  epochNumber,
  epochOf,
  epochStart,
} from "./schedule";

/** The epoch to hand over: the calendar's, unless that would go back; never one that ends too soon. */
export function targetEpoch(
  today: DateTime,
  config: ScheduleConfig,
  history: History | undefined,
  issued: readonly IssuedPassword[],
): Epoch {
  const active = history?.active;
  const due = epochOf(config, epochNumber(config, today));
  const used = [
    ...(active ? [active] : []),
    ...(history?.retiring ?? []),
    ...(history?.released ?? []),
  ];
  const isNew = !used.some((epoch) => epoch.label === due.label);
  const isLater =
    active === undefined || due.start > active.start || due.generation > active.generation;
  let target =
    active === undefined || (isNew && isLater) ? asIssued(due, history, issued) : epochIn(active);
  // Settings changed under a secret that is too short-lived for them: an epoch beside the calendar.
  for (let last = mustReplaceOn(target, config); today >= last;) {
    const beside = { ...config, anchor: dayText(last) };
    const start = epochStart(beside, epochNumber(beside, today));
    target = asIssued(epochFrom(config, start), history, issued);
    last = mustReplaceOn(target, config);
  }
  return target;
}

function epochIn({ label, start, generation, endDate }: Epoch): Epoch {
  return { label, start, generation, endDate };
}

/** A password that exists keeps the end date that it was issued with; a changed setting waits. */
function asIssued(
  epoch: Epoch,
  history: History | undefined,
  issued: readonly IssuedPassword[],
): Epoch {
  const known = [...issued, ...(history?.inFlight ? [history.inFlight] : [])];
  const found = known.find((candidate) => candidate.label === epoch.label);
  return found === undefined ? epoch : { ...epoch, endDate: found.endDate };
}

/** The first day on which too little of a secret's life is left for overlap and reminder. */
function mustReplaceOn(epoch: Epoch, config: ScheduleConfig): DateTime {
  const last = dayOf(epoch.endDate)
    .minus(Duration.fromISO(config.overlap))
    .minus({ days: REMINDER_DAYS });
  const earliest = dayOf(epoch.start).plus({ days: 1 });
  return last < earliest ? earliest : last;
}

/** The first day on which another secret is due after a target's. */
export function nextRotationAfter(
  target: Epoch,
  today: DateTime,
  config: ScheduleConfig,
): DateTime {
  let k = epochNumber(config, today) + 1;
  while (epochStart(config, k) <= dayOf(target.start)) k += 1;
  const calendar = epochStart(config, k);
  const last = mustReplaceOn(target, config);
  return last < calendar ? last : calendar;
}
