// The programs that a command runs: a signal to us goes to all that they started, and we end after them.
import { constants } from "node:os";

import { Interrupted } from "./errors";
import { run, type RunOptions, type RunResult } from "./run";
import { onSignals } from "./signals";

let signal = new AbortController().signal;

/** From now on signals go to the children. */
export function watchSignals(): void {
  ({ signal } = onSignals());
}

/** The signal that we were told to stop by. */
export function interrupted(): NodeJS.Signals | undefined {
  return signal.aborted ? (signal.reason as NodeJS.Signals) : undefined;
}

/** How a child is run. */
export interface ChildOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** @default ours */
  readonly stdio?: NonNullable<RunOptions["streams"]>;
  /** Called with standard output as it comes, where it is piped. */
  readonly onOutput?: (text: string) => void;
}

/** Runs a program to its end, however it ends; rejects when it cannot be started and when we were told to stop. */
export function runChild(
  file: string,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<RunResult> {
  return run(file, args, {
    cwd: options.cwd,
    environment: options.env,
    streams: options.stdio ?? ["inherit", "inherit", "inherit"],
    onText: options.onOutput,
    signal,
    // The rehearsal takes the lab down in this time.
    graceMilliseconds: 30_000,
  });
}

/** The exit code of an error: what a shell gives for the signal that interrupted us, or 1. */
export function exitCodeFor(error: unknown): number {
  const name = interrupted() ?? (error instanceof Interrupted ? "SIGINT" : undefined);
  return name === undefined ? 1 : 128 + constants.signals[name];
}
