// Starts the lab as a process of its own, in a session of its own, so that Ctrl-C at the terminal ends the engine
// first; the IPC channel ends the lab when this process ends, however it ends.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { extname, join } from "node:path";
import { writeArguments } from "./arguments";
import { makeFolder } from "./claim";
import { LabControl } from "./control-client";
import { LabError } from "./errors";
import type { DaemonMessage, DaemonOrder } from "./main";
import { checkOptions, type LabOptions } from "./options";

export interface Daemon {
  readonly pid: number;
  readonly labDir: string;
  readonly controlPath: string;
  readonly control: LabControl;
  /** What the engine and its children must have in their environment, beside the workspace's. */
  environment(): Promise<Record<string, string>>;
  /** Lets the lab outlive this process; it is then stopped through its control. */
  keep(): void;
  /** Ends the lab and waits until its process is gone. */
  stop(): Promise<void>;
}

const STOP_DEADLINE_MS = 30_000;

export async function startDaemon(options: LabOptions = {}): Promise<Daemon> {
  const { labDir } = checkOptions(options);
  makeFolder(labDir);
  const log = openSync(join(labDir, "lab.log"), "a", 0o600);
  const module = join(__dirname, `main${extname(__filename)}`);
  const child = spawn(
    process.execPath,
    [...process.execArgv, module, ...writeArguments({ ...options, labDir })],
    { detached: true, stdio: ["ignore", log, log, "ipc"] },
  );
  closeSync(log);
  const message = await firstWord(child, labDir);
  if (message.type === "failed") throw new LabError(message.error);
  const { controlPath, pid } = message;
  const control = LabControl.fromFile(controlPath);
  return {
    pid,
    labDir,
    controlPath,
    control,
    environment: () => control.environment(),
    keep: () => {
      child.send({ type: "keep" } satisfies DaemonOrder, () => {
        child.disconnect();
        child.unref();
      });
    },
    stop: () => stop(child),
  };
}

async function firstWord(child: ChildProcess, labDir: string): Promise<DaemonMessage> {
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as DaemonMessage));
    child.once("error", reject);
    child.once("exit", (exitCode, signal) =>
      reject(
        new LabError(
          `The lab ended with ${exitCode ?? signal ?? "no code"} before it was ready. Its log is ${join(labDir, "lab.log")}.`,
        ),
      ),
    );
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  if (child.connected) child.send({ type: "stop" } satisfies DaemonOrder);
  else child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_DEADLINE_MS);
  await gone;
  clearTimeout(timer);
}
