// Instants as Entra writes them.
import { DateTime } from "luxon";
import { readText } from "../reading";
import type { Subject } from "../rule";

/** @returns the instant at a property; undefined if there is none or it is not one. @throws Unseen */
export function readInstant(
  subject: Subject,
  ...path: readonly (string | number)[]
): DateTime | undefined {
  const text = readText(subject, ...path);
  const instant = DateTime.fromISO(text ?? "", { zone: "utc" });
  return instant.isValid ? instant : undefined;
}

/** Whole days from one instant to another, begun days counted. */
export function daysBetween(from: DateTime, to: DateTime): number {
  return Math.ceil(to.diff(from, "days").days);
}

export function dayText(instant: DateTime): string {
  return instant.toFormat("yyyy-MM-dd");
}
