// Whether this machine's clock may be believed: all dates of the schedule are counted by it, so a clock that is ahead ends
// an overlap early, and one that is behind never lets it end.

/** The time that a server said. */
export interface SaidTime {
  /** The server's host name. */
  readonly server: string;
  readonly said: Date;
}

/** How far a run's clock may be from Microsoft's: what sign-ins by Kerberos allow, and longer than the reading takes. */
export const MOST_MINUTES_APART = 5;

/** Why the run's time cannot be believed; undefined when it can, or when nobody said another. */
export function clockProblem(now: Date, times: readonly SaidTime[]): string | undefined {
  const apart = ({ said }: SaidTime): number => Math.abs(said.getTime() - now.getTime());
  const worst = times.toSorted((a, b) => apart(b) - apart(a))[0];
  if (worst === undefined || apart(worst) <= MOST_MINUTES_APART * 60_000) return undefined;
  return (
    `The clock of this run must be within ${MOST_MINUTES_APART} minutes of Microsoft's, but says ${instant(now)} where ` +
    `${worst.server} says ${instant(worst.said)}. Nothing was changed. Set the clock of the machine that runs Pulumi, ` +
    `then run again.`
  );
}

function instant(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
