// The one way to wait and the one way to retry: a try, a deadline, and pauses between tries that no server decides alone.

/** Measures a bound and pauses between tries; a test gives its own. */
export interface Pace {
  /** Seconds since it was made. */
  elapsed(): number;
  /** Waits for a number of seconds. */
  pause(seconds: number): Promise<unknown>;
}

/** The pace of a real run: by the monotonic clock, which a change of the system's time does not touch. */
export function realPace(): Pace {
  const start = performance.now();
  return {
    elapsed: () => (performance.now() - start) / 1000,
    pause: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
  };
}

const LONGEST_PAUSE_SECONDS = 15;
const LEAST_WISH_SECONDS = 1;
const MOST_WISH_SECONDS = 60;

/**
 * The pause before try number n (from 1): doubles from one second, never longer than 15. A server's wish wins, held to
 * one second up to 60: none may make us hammer at it, or sleep through the job's sign-in.
 */
export function backOff(n: number, retryAfterSeconds?: number): number {
  if (retryAfterSeconds === undefined) return Math.min(2 ** (n - 1), LONGEST_PAUSE_SECONDS);
  return Math.min(Math.max(retryAfterSeconds, LEAST_WISH_SECONDS), MOST_WISH_SECONDS);
}

/** That another try may come to something else. */
export interface Another {
  /** Seconds on the pace's clock after which no other try begins. */
  readonly until: number;
  /** What the server asks for. */
  readonly retryAfterSeconds?: number | undefined;
  /** The pause where it is not the usual one. */
  readonly pauseSeconds?: number;
}

/**
 * Tries until another try would come to the same, or none fits in before the deadline.
 * @param another undefined: the result stands
 * @returns the last try's result
 */
export async function insist<T>(
  pace: Pace,
  once: () => Promise<T>,
  another: (result: T) => Another | undefined,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const result = await once();
    const wish = another(result);
    if (wish === undefined) return result;
    const wait = wish.pauseSeconds ?? backOff(tries, wish.retryAfterSeconds);
    if (pace.elapsed() + wait > wish.until) return result;
    await pace.pause(wait);
  }
}

/** Does something when a time is up, unless what is returned is called before; until then the process stays alive. */
export function whenLate(seconds: number, late: () => void): () => void {
  const timer = setTimeout(late, seconds * 1000);
  return () => clearTimeout(timer);
}
