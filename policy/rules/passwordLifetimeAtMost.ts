// A password that lives long is a password that is found. Before it is made its life is counted from today, and
// afterwards from the start that Graph gave it.
import type { DateTime } from "luxon";
import { z } from "zod";
import { dayText, daysBetween, readInstant } from "../facts/instants";
import { isPassword } from "../kinds";
import { ifSeen } from "../reading";
import { defineRule } from "../rule";

export const passwordLifetimeAtMost = defineRule({
  id: "passwordLifetimeAtMost",
  severity: "high",
  level: "mandatory",
  fault: "An Entra password must not live longer than the maximum.",
  remedy: "Lower lifetime, or raise maximumDays for this stack if the vendor cannot do better.",
  config: z.object({
    maximumDays: z.int().min(1).default(366).describe("Days from its start to its end, at most."),
  }),
  resource(subject, { config: { maximumDays }, today, found }) {
    if (!isPassword(subject)) return;
    const end = readInstant(subject, "endDate");
    const start = readInstant(subject, "startDate") ?? today;
    if (end !== undefined && daysBetween(start, end) > maximumDays) {
      found(subject, tooLong(start, end, maximumDays));
    }
  },
  stack(subjects, { config: { maximumDays }, today, found, each }) {
    each(subjects.filter(isPassword), (subject) => {
      const [start, end] = ["startDate", "endDate"].map((key) =>
        ifSeen(() => readInstant(subject, key)),
      );
      if (end === undefined || start === undefined) return;
      // What is still too long today has been found at the resource already.
      if (daysBetween(today, end) > maximumDays) return;
      if (daysBetween(start, end) > maximumDays) found(subject, tooLong(start, end, maximumDays));
    });
  },
});

function tooLong(start: DateTime, end: DateTime, maximumDays: number): string {
  const days = daysBetween(start, end);
  return `it must live ${maximumDays} days at most, got ${days} (${dayText(start)} to ${dayText(end)})`;
}
