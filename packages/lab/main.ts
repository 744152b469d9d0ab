// The lab as a process of its own. Its parent starts it with an IPC channel and hears "ready" or "failed"; it ends
// when the channel does, unless it was told to be kept. By hand: `node dist/lab/main.js [--port 4000]`, Ctrl-C ends it.
import { LabError, reasonOf } from "./errors";
import { type Lab, startLab } from "./lab";
import { readArguments } from "./arguments";

/** What the parent hears, once. */
export type DaemonMessage =
  | { readonly type: "ready"; readonly controlPath: string; readonly pid: number }
  | { readonly type: "failed"; readonly error: string };

/** What the parent may say. */
export type DaemonOrder = { readonly type: "keep" } | { readonly type: "stop" };

async function main(): Promise<void> {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let kept = false;
  process.on("message", (order: DaemonOrder) => {
    if (order.type === "keep") kept = true;
    else end();
  });
  process.on("disconnect", () => {
    if (!kept) end();
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => end());
  }
  const lab = await startLab(readArguments(process.argv.slice(2)));
  try {
    tell({ type: "ready", controlPath: lab.controlPath, pid: process.pid }, lab);
    await Promise.race([ended, lab.stopped]);
  } finally {
    await lab.stop();
  }
}

function tell(message: DaemonMessage, lab?: Lab): void {
  if (process.connected) process.send?.(message);
  else if (message.type === "failed") process.stderr.write(`${message.error}\n`);
  else process.stdout.write(`The lab runs. Control: ${lab?.controlPath ?? message.controlPath}\n`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const text =
      error instanceof LabError ? error.message : `The lab did not start: ${reasonOf(error)}`;
    tell({ type: "failed", error: text });
    process.exitCode = 1;
    if (process.connected) process.disconnect();
    else process.exit(1);
  },
);
