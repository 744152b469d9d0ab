// Keyturn's schedule: a secret must live through its period, its overlap and the days in which people are reminded.
import { Duration } from "luxon";
import { z } from "zod";
import { dayText, readInstant } from "../facts/instants";
import { isCredential } from "../kinds";
import { readText } from "../reading";
import { defineRule } from "../rule";

export const rotationFitsLifetime = defineRule({
  id: "rotationFitsLifetime",
  severity: "high",
  level: "mandatory",
  fault: "A credential's period, overlap and reminder must fit in its secret's lifetime.",
  remedy: "Raise lifetime, or lower every or overlap, in Pulumi.<stack>.yaml.",
  config: z.object({
    reminderDays: z
      .int()
      .min(0)
      .default(30)
      .describe("Days between the end of the overlap and the end of the secret, at least."),
  }),
  resource(subject, { config: { reminderDays }, found }) {
    if (!isCredential(subject)) return;
    const [every, overlap, lifetime] = ["every", "overlap", "lifetime"].map((key) =>
      Duration.fromISO(readText(subject, key) ?? ""),
    ) as [Duration, Duration, Duration];
    const end = readInstant(subject, "endDate");
    if (end === undefined || ![every, overlap, lifetime].every(({ isValid }) => isValid)) {
      found(subject, "every, overlap and lifetime must be ISO-8601 durations, and endDate a date");
      return;
    }
    const needed = end.minus(lifetime).plus(every).plus(overlap).plus({ days: reminderDays });
    if (needed <= end) return;
    const sum = `${every.toISO()} + ${overlap.toISO()} + P${reminderDays}D`;
    found(subject, `${sum} must fit in ${lifetime.toISO()}, but ends on ${dayText(needed)}`);
  },
});
