// The calendar of epochs: anchor + k * every, in whole UTC days, computed from the anchor and never
// accumulated, so that month ends and leap days do not drift.
import { DateTime, Duration } from "luxon";
import type { Problem } from "../problems";

/** When secrets are replaced, and how long they live. */
export interface ScheduleConfig {
  /** The credential's name; it stands in every password's display name. */
  readonly name: string;
  /** A date on which an epoch begins, `YYYY-MM-DD`. */
  readonly anchor: string;
  /** How often a new epoch begins, an ISO-8601 duration in whole days. */
  readonly every: string;
  /** How long the preceding secret stays valid after the proven adoption of its successor. */
  readonly overlap: string;
  /** How long a secret is valid, from the first day of its epoch. */
  readonly lifetime: string;
  /** Raised by one to rotate now; part of the epoch's label. */
  readonly generation: number;
}

/** One period of the schedule; it has one secret. */
export interface Epoch {
  /** The epoch's name: `2026-05`, `2026-05-17` or `2026-05-g1`. */
  readonly label: string;
  /** The first day, `YYYY-MM-DD`. */
  readonly start: string;
  /** The generation that the config had. */
  readonly generation: number;
  /** The end of the epoch's secret, `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly endDate: string;
}

/** Days between the last day of an overlap and the end of a secret: time for people to act. */
export const REMINDER_DAYS = 30;
const LONGEST_OVERLAP_DAYS = 90;
const AVERAGE_MONTH_DAYS = 30.4375;
const REMEDY = "in Pulumi.<stack>.yaml.";

/** The UTC day of an instant or of a date. */
export function dayOf(value: Date | string): DateTime {
  const instant =
    typeof value === "string"
      ? DateTime.fromISO(value, { zone: "utc" })
      : DateTime.fromJSDate(value, { zone: "utc" });
  return instant.startOf("day");
}

/** A day as the outputs and the history write it. */
export function dayText(day: DateTime): string {
  return day.toFormat("yyyy-MM-dd");
}

/** An end date as Entra and the vault get it: whole seconds, no fraction. */
export function instantText(day: DateTime): string {
  return day.toFormat("yyyy-MM-dd'T'HH:mm:ss'Z'");
}

/** An end date as the vault gets it: the same instant, UNIX seconds. */
export function unixSeconds(endDate: string): number {
  return DateTime.fromISO(endDate, { zone: "utc" }).toUnixInteger();
}

/** Whole days from an epoch's first day to the end of its secret. */
export function validityDays(start: string, endDate: string): number {
  return Math.round(dayOf(endDate).diff(dayOf(start), "days").days);
}

/** The first day of epoch number k, counted from the anchor; k may be negative. */
export function epochStart(config: ScheduleConfig, k: number): DateTime {
  const step = Duration.fromISO(config.every).mapUnits((amount) => amount * k);
  return dayOf(config.anchor).plus(step);
}

/** The number of the epoch that a day falls into. */
export function epochNumber(config: ScheduleConfig, day: DateTime): number {
  const every = Duration.fromISO(config.every);
  let k = Math.floor(day.diff(dayOf(config.anchor), "days").days / averageDays(every));
  while (epochStart(config, k) > day) k -= 1;
  while (epochStart(config, k + 1) <= day) k += 1;
  return k;
}

/** Epoch number k, with its label and the end of its secret. */
export function epochOf(config: ScheduleConfig, k: number): Epoch {
  const monthly = isWholeMonths(Duration.fromISO(config.every));
  return epochFrom(config, epochStart(config, k), monthly ? "yyyy-MM" : "yyyy-MM-dd");
}

/** An epoch that begins on a day of its own, outside the calendar; always labelled by its day. */
export function epochFrom(config: ScheduleConfig, start: DateTime, format = "yyyy-MM-dd"): Epoch {
  const suffix = config.generation > 0 ? `-g${config.generation}` : "";
  return {
    label: `${start.toFormat(format)}${suffix}`,
    start: dayText(start),
    generation: config.generation,
    endDate: instantText(start.plus(Duration.fromISO(config.lifetime))),
  };
}

/** An overlap of no days: a former secret is released by the run after its successor's adoption. */
export const NO_OVERLAP = "PT0S";

/** The overlap that holds now. @param brokenGlass the generation that broke the glass, 0 for none */
export function overlapInForce(overlap: string, brokenGlass: number): string {
  return brokenGlass > 0 ? NO_OVERLAP : overlap;
}

/** How many days an overlap holds a secret after the day of adoption: none for PT0S. */
export function overlapUntil(config: Pick<ScheduleConfig, "overlap">, adoptedOn: string): DateTime {
  const overlap = Duration.fromISO(config.overlap);
  const day = dayOf(adoptedOn);
  // Adoption happens somewhere in its day, so the whole of the last day is still overlap.
  return overlap.toMillis() === 0 ? day : day.plus(overlap).plus({ days: 1 });
}

/** Whether a text is an ISO-8601 duration of whole days, zero included. */
export function isWholeDays(text: string): boolean {
  const duration = Duration.fromISO(text);
  if (!duration.isValid) return false;
  const { hours, minutes, seconds, milliseconds, ...days } = duration.toObject();
  const clock = [hours, minutes, seconds, milliseconds].some((amount) => (amount ?? 0) !== 0);
  const amounts = Object.values(days) as number[];
  return !clock && amounts.every((amount) => Number.isInteger(amount) && amount >= 0);
}

/** Everything that is wrong with the config. */
export function scheduleProblems(config: ScheduleConfig): Problem[] {
  const problems: Problem[] = [];
  if (!/^\d{4}-\d{2}-\d{2}$/.test(config.anchor) || !dayOf(config.anchor).isValid) {
    problems.push(
      bad("anchor", "must be a date YYYY-MM-DD", config.anchor, "Give a day that exists"),
    );
  }
  for (const key of ["every", "overlap", "lifetime"] as const) {
    if (!isWholeDays(config[key])) {
      const rule = "must be an ISO-8601 duration in whole days";
      problems.push(bad(key, rule, config[key], "Write it as P6M or P14D"));
    }
  }
  if (!Number.isSafeInteger(config.generation) || config.generation < 0) {
    const rule = "must be a whole number from 0";
    problems.push(bad("generation", rule, String(config.generation), "Raise it by one"));
  }
  return problems.length > 0 ? problems : fitProblems(config);
}

function fitProblems(config: ScheduleConfig): Problem[] {
  const problems: Problem[] = [];
  const anchor = dayOf(config.anchor);
  const [every, overlap, lifetime] = [config.every, config.overlap, config.lifetime].map((text) =>
    Duration.fromISO(text),
  ) as [Duration, Duration, Duration];
  if (anchor.plus(every) <= anchor) {
    problems.push(bad("every", "must be at least P1D", config.every, "Raise it"));
  }
  if (anchor.plus(overlap) > anchor.plus({ days: LONGEST_OVERLAP_DAYS })) {
    const rule = `must be PT0S to P${LONGEST_OVERLAP_DAYS}D`;
    problems.push(bad("overlap", rule, config.overlap, "Lower it"));
  }
  // Months differ in length, so the starts of a leap cycle are all tried.
  const misfit = Array.from({ length: 48 }, (_, months) => anchor.plus({ months })).some(
    (start) => start.plus(every).plus(overlap).plus({ days: REMINDER_DAYS }) > start.plus(lifetime),
  );
  if (misfit) {
    const sum = `${config.every} + ${config.overlap} + P${REMINDER_DAYS}D`;
    const rule = `must hold every + overlap + ${REMINDER_DAYS} days of reminder (${sum})`;
    const remedy = "Raise it, or lower every or overlap";
    problems.push(bad("lifetime", rule, config.lifetime, remedy));
  }
  return problems;
}

function bad(subject: string, rule: string, given: string, remedy: string): Problem {
  return { subject, rule, given, remedy: `${remedy} ${REMEDY}` };
}

function isWholeMonths(every: Duration): boolean {
  return every.weeks === 0 && every.days === 0;
}

function averageDays(every: Duration): number {
  const months = every.years * 12 + every.quarters * 3 + every.months;
  return months * AVERAGE_MONTH_DAYS + every.weeks * 7 + every.days;
}
