// Running a program as a process group of its own, so that an interruption ends all of it, whatever it started.
import { constants } from "node:os";
import { createInterface } from "node:readline";

import { Interrupted } from "./errors";
import { watchMemory } from "./memory";

type Stream = "ignore" | "inherit" | "pipe";

/** How a program is run. */
export interface RunOptions {
  readonly cwd?: string | undefined;
  /** @default process.env */
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** Standard input, output and error. @default nothing to read, and what it writes is kept */
  readonly streams?: readonly [Stream, Stream, Stream];
  /** Called with standard output as it comes. */
  readonly onText?: ((text: string) => void) | undefined;
  /** Called with each line of standard error. */
  readonly onError?: (line: string) => void;
  /** Ends the program's whole group, by the signal that is its reason, or SIGTERM. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that an interrupted program has to end by the signal, before it is told by SIGTERM. @default 0 */
  readonly graceMilliseconds?: number;
  /** Milliseconds after which the program is killed. @default none */
  readonly timeoutMilliseconds?: number;
}

/** How a program ended. */
export interface RunResult {
  /** The exit code; 128 and the signal's number when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The most memory that its whole group took; 0 where the system does not tell. */
  readonly peakBytes: number;
  readonly seconds: number;
}

/** Runs a program to its end. A program that cannot be started rejects with the system's error. */
export async function run(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const { signal, streams = ["ignore", "pipe", "pipe"], timeoutMilliseconds = 0 } = options;
  const isPiped = streams[1] === "pipe";
  // Loaded here only: an engine that is ready needs no programs run to say so.
  const { execa } = await import("execa");
  if (signal?.aborted) throw new Interrupted();
  const child = execa(file, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.environment ?? process.env,
    extendEnv: false,
    stdio: [...streams],
    reject: false,
    killDescendants: true,
    timeout: timeoutMilliseconds,
  });
  let impatience: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    child.kill(typeof signal?.reason === "string" ? (signal.reason as NodeJS.Signals) : "SIGTERM");
    // SIGTERM, and SIGKILL a while after it.
    impatience = setTimeout(() => child.kill(), options.graceMilliseconds ?? 0);
  };
  signal?.addEventListener("abort", interrupt, { once: true });
  // Whatever it left behind in its group would hold the pipes open. What ran on our own streams may leave something on purpose.
  child.nodeChildProcess.once("exit", () => {
    if (isPiped || signal?.aborted) child.kill("SIGKILL");
  });
  if (options.onText !== undefined) child.stdout?.setEncoding("utf8").on("data", options.onText);
  if (child.stderr !== null && options.onError !== undefined) {
    createInterface({ input: child.stderr }).on("line", options.onError);
  }
  const memory = isPiped && child.pid !== undefined ? watchMemory(child.pid) : (): number => 0;
  try {
    const result = await child;
    if (signal?.aborted) throw new Interrupted();
    if (result.exitCode === undefined && result.signal === undefined) throw result as Error;
    return {
      code: result.exitCode ?? 128 + constants.signals[result.signal ?? "SIGKILL"],
      stdout: text(result.stdout),
      stderr: text(result.stderr),
      peakBytes: memory(),
      seconds: result.durationMs / 1000,
    };
  } finally {
    memory();
    clearTimeout(impatience);
    signal?.removeEventListener("abort", interrupt);
  }
}

const text = (output: unknown): string => (typeof output === "string" ? output : "");
