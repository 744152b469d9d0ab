// The one way in which tests wait: for a condition, with a deadline.
import { setTimeout as delay } from "node:timers/promises";

const LOOK_EVERY_MS = 20;
/** Where a look asks another process: its answer costs more than the wait. */
const ASK_EVERY_MS = 60;
/** Long, since it is waited out only by what fails; shorter than mocha's, so that the error names what was waited for. */
const DEADLINE_SECONDS = 45;

/**
 * Waits until `check` gives something other than undefined or false, and gives that.
 * @throws Error that names what was waited for, once `seconds` have passed
 */
export async function until<T>(
  what: string,
  check: () => T | undefined | false | Promise<T | undefined | false>,
  seconds = DEADLINE_SECONDS,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const look = check();
    const found = await look;
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`Not within ${seconds} s: ${what}`);
    await delay(look instanceof Promise ? ASK_EVERY_MS : LOOK_EVERY_MS);
  }
}
