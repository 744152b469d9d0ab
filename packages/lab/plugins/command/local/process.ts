// Runs one command on this machine and collects what it writes.
// A cancelled engine, and the end of this process, kill the command with everything that it has started.
import { spawn } from "node:child_process";
import { statSync } from "node:fs";

import { ProviderError } from "../../provider/errors";
import type { CallContext } from "../../provider/stand-in";
import { commandFailure } from "../failure";
import { systemErrorText } from "../go-text";
import { Output, type CommandOutput } from "../output";

export interface LocalRun {
  readonly command: string;
  /** The program, and its arguments before the command. */
  readonly interpreter: readonly string[];
  readonly dir: string;
  /** Added to this process's own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin: string;
  readonly logging: string;
}

/** `cmd /C` on Windows, `/bin/sh -c` elsewhere. */
export const DEFAULT_INTERPRETER: readonly string[] =
  process.platform === "win32" ? ["cmd", "/C"] : ["/bin/sh", "-c"];

/** Process groups of the commands that run now. */
const running = new Set<number>();

process.on("exit", () => {
  for (const pid of running) kill(pid);
});

export async function runLocally(
  run: LocalRun,
  context: Pick<CallContext<unknown>, "log" | "signal">,
): Promise<CommandOutput> {
  const [program = "", ...before] = run.interpreter;
  if (!isFolder(run.dir)) {
    throw commandFailure(`chdir ${run.dir}: no such file or directory`, run.command, "");
  }
  if (context.signal.aborted) throw new ProviderError("context canceled");
  const child = spawn(program, [...before, run.command], {
    cwd: run.dir,
    env: { ...process.env, ...run.environment },
    // A group of its own, so that what the command starts can be killed with it.
    detached: process.platform !== "win32",
    stdio: ["pipe", "pipe", "pipe"],
  });
  const { pid } = child;
  const cancel = (): void => kill(pid);
  if (pid !== undefined) running.add(pid);
  context.signal.addEventListener("abort", cancel);
  const output = new Output(run.logging, context);
  output.collect("stdout", child.stdout);
  output.collect("stderr", child.stderr);
  // A command that does not read its input closes it; that is no failure.
  child.stdin.on("error", () => undefined);
  child.stdin.end(run.stdin);
  try {
    const cause = await new Promise<string | undefined>((resolve) => {
      child.once("error", (error) => resolve(startText(program, error)));
      child.once("close", (code, signal) => resolve(endText(code, signal)));
    });
    const result = await output.finish();
    if (cause !== undefined) throw commandFailure(cause, run.command, output.written);
    return result;
  } finally {
    context.signal.removeEventListener("abort", cancel);
    if (pid !== undefined) running.delete(pid);
  }
}

function kill(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function startText(program: string, error: Error): string {
  return program.includes("/")
    ? `fork/exec ${program}: ${systemErrorText(error)}`
    : `exec: "${program}": executable file not found in $PATH`;
}

const SIGNAL_TEXTS: Readonly<Record<string, string>> = {
  SIGHUP: "hangup",
  SIGINT: "interrupt",
  SIGKILL: "killed",
  SIGTERM: "terminated",
  SIGSEGV: "segmentation fault",
  SIGABRT: "aborted",
};

function endText(code: number | null, signal: NodeJS.Signals | null): string | undefined {
  if (signal !== null) return `signal: ${SIGNAL_TEXTS[signal] ?? signal}`;
  return code === 0 ? undefined : `exit status ${code ?? 0}`;
}
