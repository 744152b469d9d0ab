// Waits for a condition with a deadline.
import { setTimeout as delay } from "node:timers/promises";

const LOOK_EVERY_MS = 50;

/** @throws Error that names what was waited for, once `deadlineMs` milliseconds have passed */
export async function until(
  condition: () => boolean | Promise<boolean>,
  deadlineMs: number,
  what: string,
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited ${deadlineMs / 1000} s for ${what}.`);
    await delay(LOOK_EVERY_MS);
  }
}
