// Child processes, each a group of its own: Ctrl-C, or a signal to us, ends all that they started.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";
import { clearTimeout, setTimeout } from "node:timers";

import { Failure } from "./places.mjs";

const ownGroups = process.platform !== "win32";
/** What a child gets to end by itself: the rehearsal takes the lab down in this time. */
const graceMilliseconds = 30_000;
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

const running = new Set();
const onInterrupt = new Set();
let interruptedBy;

/** The signal that we were told to stop by. */
export const interrupted = () => interruptedBy;

/** An abort signal for waits that are not child processes. */
export function interruption() {
  const controller = new globalThis.AbortController();
  if (interruptedBy !== undefined) controller.abort();
  onInterrupt.add(() => controller.abort());
  return controller.signal;
}

/** From now on signals go to the children, and we end after them. */
export function watchSignals() {
  for (const signal of Object.keys(exitCodes)) {
    process.on(signal, () => {
      if (interruptedBy !== undefined) return;
      interruptedBy = signal;
      for (const stop of onInterrupt) stop();
      for (const child of running) stopChild(child, signal);
    });
  }
  process.on("exit", () => {
    for (const child of running) send(child, "SIGKILL");
  });
}

function send(child, signal) {
  try {
    if (ownGroups) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // It has ended.
  }
}

function stopChild(child, signal) {
  send(child, signal);
  const timers = [
    setTimeout(() => send(child, "SIGTERM"), graceMilliseconds),
    setTimeout(() => send(child, "SIGKILL"), graceMilliseconds + 5000),
  ];
  child.once("exit", () => timers.forEach(clearTimeout));
}

/** The failure that an interruption is. */
export const interruptedFailure = () => new Failure("", exitCodes[interruptedBy] ?? 130);

/**
 * Runs a program to its end and gives its exit code and what it wrote to the streams that are piped.
 * Rejects when we were told to stop.
 */
export async function runChild(
  file,
  args,
  { cwd, env, stdio = "inherit", onOutput, onError } = {},
) {
  if (interruptedBy !== undefined) throw interruptedFailure();
  const child = spawn(file, args, { cwd, env, stdio, detached: ownGroups, windowsHide: true });
  const output = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    output.stdout += text;
    onOutput?.(text);
  });
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    output.stderr += text;
    onError?.(text);
  });
  if (child.pid !== undefined) running.add(child);
  try {
    const code = await new Promise((resolve, reject) => {
      child.once("error", reject);
      // The streams may be held open by something that outlives the child; its end is enough then.
      child.once("exit", (exitCode, signal) => {
        const result = exitCode ?? 128 + (constants.signals[signal] ?? 0);
        const late = setTimeout(() => resolve(result), 2000);
        child.once("close", () => {
          clearTimeout(late);
          resolve(result);
        });
      });
    });
    if (interruptedBy !== undefined) {
      send(child, "SIGKILL"); // what is left of its group
      throw interruptedFailure();
    }
    return { code, ...output };
  } finally {
    running.delete(child);
  }
}
