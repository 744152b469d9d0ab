// Waiting means a predicate, a deadline and a named reason: the pauses between tries, and whether time is left.

/** Measures a bound and pauses between tries; a test gives its own. */
export interface Pace {
  /** Seconds since the proof began. */
  elapsed(): number;
  /** Waits so many seconds. */
  pause(seconds: number): Promise<void>;
}

/** The real one: a clock that does not jump. */
export function realPace(): Pace {
  const start = performance.now();
  return {
    elapsed: () => (performance.now() - start) / 1000,
    pause: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
  };
}

const LONGEST_PAUSE_SECONDS = 15;

/** The pause before try number n (from 1): doubles from one second, never longer than 15; a server's wish wins. */
export function backOff(n: number, retryAfterSeconds?: number): number {
  return retryAfterSeconds ?? Math.min(2 ** (n - 1), LONGEST_PAUSE_SECONDS);
}
