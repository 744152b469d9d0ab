// What the pack as a whole is told: whether it runs on a lab, what day it is there, and the exceptions.
// The engine hands settings to one policy only; packSettings, the first in the pack, keeps them here for the others.
import { DateTime } from "luxon";
import { z } from "zod";

/** A finding that somebody has answered for until a day. */
export interface Exception {
  readonly rule: string;
  /** Name or URN of the resource. */
  readonly resource: string;
  readonly reason: string;
  /** Last day on which it is in force. */
  readonly until: string;
}

export const settingsSchema = z.object({
  lab: z
    .boolean()
    .default(false)
    .describe("Whether this is a rehearsal on the lab, which may override the clock."),
  today: z
    .string()
    .default("")
    .describe("Day to decide with, YYYY-MM-DD; empty takes the machine's. On the lab only."),
  exceptions: z
    .array(z.unknown())
    .default([])
    .describe("Findings answered for: objects with rule, resource, reason and until (YYYY-MM-DD)."),
});

export type PackSettings = z.output<typeof settingsSchema>;

export const NO_SETTINGS: PackSettings = settingsSchema.parse({});

const date = z.iso.date();
const text = z.string().trim().min(1);
export const exceptionSchema = z.strictObject({
  rule: text,
  resource: text,
  reason: text,
  until: date,
});

/** What is wrong with a configuration, by the names of its parts. */
export function problemsIn({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
}

/** The first moment of the day to decide with, UTC. */
export function todayOf({ lab, today }: PackSettings): DateTime {
  const given = lab && date.safeParse(today).success;
  const instant = given ? DateTime.fromISO(today, { zone: "utc" }) : DateTime.utc();
  return instant.startOf("day");
}

/** The exceptions that are whole and have not ended. */
export function exceptionsInForce(settings: PackSettings): Exception[] {
  const today = todayOf(settings);
  return settings.exceptions.flatMap((given) => {
    const parsed = exceptionSchema.safeParse(given);
    return parsed.success && !isOver(parsed.data, today) ? [parsed.data] : [];
  });
}

/** Whether an exception's last day has passed. */
export function isOver({ until }: Exception, today: DateTime): boolean {
  return DateTime.fromISO(until, { zone: "utc" }) < today;
}
