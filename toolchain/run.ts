// Running a program as a process group of its own, so that an interruption ends all of it.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

import { Interrupted } from "./errors";
import { watchMemory } from "./memory";

/** How a program is run. */
export interface RunOptions {
  readonly cwd?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Called with each line of standard output. */
  readonly onOutput?: (line: string) => void;
  /** Called with each line of standard error. */
  readonly onError?: (line: string) => void;
  /** Ends the program's whole group. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the program is killed. @default none */
  readonly timeoutMilliseconds?: number;
}

/** How a program ended. */
export interface RunResult {
  /** The exit code; -1 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The most memory that its whole group took; 0 where the system does not tell. */
  readonly peakBytes: number;
  readonly seconds: number;
}

const graceMilliseconds = 5000;

/** Runs a program to its end. A program that cannot be started rejects with the system's error. */
export async function run(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  if (options.signal?.aborted) throw new Interrupted();
  const began = performance.now();
  const child = spawn(file, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.environment ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  const gone = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? -1));
  });
  const pid = child.pid;
  if (pid === undefined) {
    await gone; // rejects
    throw new Error(`${file} could not be started`);
  }
  const end = (name: NodeJS.Signals): void => {
    try {
      process.kill(process.platform === "win32" ? pid : -pid, name);
    } catch {
      // It has ended already.
    }
  };
  let killer: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    end("SIGTERM");
    killer = setTimeout(() => end("SIGKILL"), graceMilliseconds);
  };
  const killNow = (): void => end("SIGKILL");
  options.signal?.addEventListener("abort", interrupt, { once: true });
  process.once("exit", killNow);
  const timer =
    options.timeoutMilliseconds === undefined
      ? undefined
      : setTimeout(killNow, options.timeoutMilliseconds);
  const memory = watchMemory(pid);
  const stdout: string[] = [];
  const stderr: string[] = [];
  collect(child.stdout, stdout, options.onOutput);
  collect(child.stderr, stderr, options.onError);
  try {
    const code = await gone;
    end("SIGKILL"); // whatever it left behind in its group
    if (options.signal?.aborted) throw new Interrupted();
    return {
      code,
      stdout: stdout.join("\n"),
      stderr: stderr.join("\n"),
      peakBytes: memory(),
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    memory();
    clearTimeout(killer);
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", interrupt);
    process.off("exit", killNow);
  }
}

function collect(
  stream: NodeJS.ReadableStream,
  into: string[],
  onLine?: (line: string) => void,
): void {
  createInterface({ input: stream }).on("line", (line) => {
    into.push(line);
    onLine?.(line);
  });
}
