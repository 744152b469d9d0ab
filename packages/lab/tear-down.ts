// What has to be undone when the lab ends, last done first; runs once, and goes on when a step fails.

import { LabError, reasonOf } from "./errors";

type Step = () => void | Promise<void>;

export class TearDown {
  private readonly steps: Step[] = [];
  private running: Promise<void> | undefined;
  private resolve: () => void = () => undefined;
  private reject: (error: unknown) => void = () => undefined;
  /** Resolves when everything is undone, rejects when something could not be. */
  readonly done: Promise<void>;

  constructor() {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Nobody has to wait for it.
    this.done.catch(() => undefined);
  }

  add(step: Step): void {
    this.steps.push(step);
  }

  /** Later calls wait for the first. */
  run(): Promise<void> {
    this.running ??= this.undo().then(this.resolve, (error: unknown) => {
      this.reject(error);
      throw error;
    });
    return this.running;
  }

  private async undo(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.steps.reverse()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) {
      const reasons = failures.map(reasonOf).join("; ");
      throw new LabError(`The lab did not stop cleanly: ${reasons}`, { cause: failures });
    }
  }
}
