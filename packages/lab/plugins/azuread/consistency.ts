// Waits for the directory: a state counts as reached when it was seen five times in a row.
// Intervals are the vendor's, times a pace, so that a rehearsal need not take minutes.
import { setTimeout as delay } from "node:timers/promises";

/** Multiplies every interval. @default 0.05 */
export const PACE_VARIABLE = "KEYTURN_LAB_PACE";
export const DEFAULT_PACE = 0.05;

const IN_A_ROW = 5;
const FIRST_INTERVAL_MS = 100;
const LONGEST_INTERVAL_MS = 10_000;

/** Seconds between two looks at a new password, and at everything else. */
export const PASSWORD_INTERVAL_SECONDS = 1;
export const INTERVAL_SECONDS = 5;

export interface WaitArgs {
  /** Whether the state is reached. An error ends the wait. */
  readonly look: () => Promise<boolean>;
  readonly intervalSeconds: number;
  readonly pace: number;
  /** Milliseconds since the epoch, on this machine's clock. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  /** The state in the vendor's words, for the error: `Deleted`. */
  readonly target: string;
}

export async function waitUntilSeen(args: WaitArgs): Promise<void> {
  const started = Date.now();
  let inARow = 0;
  let intervalMs = FIRST_INTERVAL_MS;
  for (;;) {
    inARow = (await args.look()) ? inARow + 1 : 0;
    if (inARow === IN_A_ROW) return;
    if (inARow === 0) intervalMs *= 2;
    intervalMs = Math.min(
      Math.max(intervalMs, args.intervalSeconds * 1000),
      Math.max(LONGEST_INTERVAL_MS, args.intervalSeconds * 1000),
    );
    const pauseMs = intervalMs * args.pace;
    if (Date.now() + pauseMs > args.deadline) {
      const seconds = Math.round((args.deadline - started) / 1000);
      throw new Error(
        `timeout while waiting for state to become '${args.target}' (last state: 'Waiting', timeout: ${seconds}s)`,
      );
    }
    await delay(pauseMs, undefined, { signal: args.signal });
  }
}

/** The pace that the environment asks for. */
export function paceOf(environment: NodeJS.ProcessEnv): number {
  const text = environment[PACE_VARIABLE];
  if (text === undefined || text === "") return DEFAULT_PACE;
  const pace = Number(text);
  if (Number.isFinite(pace) && pace >= 0) return pace;
  throw new Error(
    `${PACE_VARIABLE} must be a number of at least 0, got ${text}. Set 1 for real time.`,
  );
}
