// The lab's own clock: it runs at a chosen rate from a chosen instant, and can be moved.
// Credential validity, propagation and the sign-in log follow it; token lifetimes do not (tokens.ts).
import { DateTime, Duration } from "luxon";

export class LabClock {
  private readonly realNow: () => number;
  private anchorReal: number;
  private anchorLab: number;
  private labSecondsPerSecond = 1;

  /** @param realNow milliseconds since the epoch; tests give their own. */
  constructor(realNow: () => number = Date.now) {
    this.realNow = realNow;
    this.anchorReal = realNow();
    this.anchorLab = this.anchorReal;
  }

  now(): Date {
    return new Date(this.labMilliseconds());
  }

  /** Lab seconds per real second, greater than zero. @default 1 */
  get rate(): number {
    return this.labSecondsPerSecond;
  }

  set rate(value: number) {
    if (!Number.isFinite(value) || value <= 0) {
      throw new RangeError(`clock rate must be a number greater than 0, got ${value}.`);
    }
    this.reanchor(this.labMilliseconds());
    this.labSecondsPerSecond = value;
  }

  /** Moves the clock forward by an ISO-8601 duration; months and years count as calendar ones, UTC. */
  advance(isoDuration: string): void {
    const duration = Duration.fromISO(isoDuration);
    if (!duration.isValid) {
      throw new RangeError(`clock advance must be an ISO-8601 duration, got "${isoDuration}".`);
    }
    const next = DateTime.fromMillis(this.labMilliseconds(), { zone: "utc" }).plus(duration);
    this.reanchor(next.toMillis());
  }

  set(instant: Date): void {
    if (Number.isNaN(instant.getTime()))
      throw new RangeError("clock instant must be a valid date.");
    this.reanchor(instant.getTime());
  }

  toJSON(): { now: string; offsetMs: number; rate: number } {
    const lab = this.labMilliseconds();
    return { now: new Date(lab).toISOString(), offsetMs: lab - this.realNow(), rate: this.rate };
  }

  private labMilliseconds(): number {
    const elapsed = (this.realNow() - this.anchorReal) * this.labSecondsPerSecond;
    return Math.round(this.anchorLab + elapsed);
  }

  private reanchor(labMilliseconds: number): void {
    this.anchorReal = this.realNow();
    this.anchorLab = labMilliseconds;
  }
}
