// The day of a command: the machine's, or the lab's for a stack that is rehearsed.
import { readNow } from "../../../src/observe/clock";
import { UsageError } from "../usage-error";

/** @param config the stack's config by bare key. @throws UsageError when the lab's time is meant and no lab says it */
export function readDay(config: Readonly<Record<string, unknown>>): Promise<Date> {
  return readNow(isRehearsed(config)).catch((error: unknown) => {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  });
}

/** Whether the stack takes its time from the lab. */
export function isRehearsed(config: Readonly<Record<string, unknown>>): boolean {
  return String(config["rehearsalClock"]) === "true";
}
