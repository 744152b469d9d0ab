// One child at a time; a signal to us goes to it, and we end after it. It stays in our process group, so that a terminal's
// Ctrl-C reaches it, and whatever it started there, by itself.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import process from "node:process";

import { Failure } from "./places.mjs";

const controller = new globalThis.AbortController();
let child;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    controller.abort(signal);
    child?.kill(signal);
  });
}

/** Aborts at a signal. */
export const interruption = controller.signal;

/** Throws the failure that an interruption is. */
export function throwIfInterrupted() {
  if (interruption.aborted) throw new Failure("", 128 + constants.signals[interruption.reason]);
}

/** Runs a program to its end, on our streams, and gives its exit code. */
export async function run(file, args, options = {}) {
  throwIfInterrupted();
  child = spawn(file, args, { stdio: "inherit", ...options });
  const [code, signal] = await once(child, "exit");
  child = undefined;
  return code ?? 128 + constants.signals[signal];
}
