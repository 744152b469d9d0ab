// The plugin process: a child joined by an IPC channel, so that it ends when the lab does.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { extname, join } from "node:path";
import { z } from "zod";
import { LabError } from "./errors";
import { CLONE } from "./options";
import { PORT_USES, portError, portFor } from "./ports";

export interface PluginProcess {
  /** Plugin name to loopback port. */
  readonly ports: Readonly<Record<string, number>>;
  /** Whether it still runs. */
  readonly running: () => boolean;
  readonly pid: number | undefined;
  close(): Promise<void>;
}

const Told = z.union([
  z.object({ ready: z.literal(true), ports: z.record(z.string(), z.int()) }),
  z.object({ ready: z.literal(false), error: z.string() }),
]);

const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 5_000;

/** @param environment what the stand-ins fall back on when the engine configures them with less. */
export async function startPlugins(
  portBase: number,
  environment: Readonly<Record<string, string>>,
): Promise<PluginProcess> {
  const port = portFor("plugins", portBase);
  const module = join(__dirname, "plugins", `main${extname(__filename)}`);
  const child = spawn(process.execPath, [...process.execArgv, module, "--port", String(port)], {
    // Where a local command of the program finds its files, as beside the vendor's plugin.
    cwd: CLONE,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const close = (): Promise<void> => end(child);
  try {
    const told = await firstWord(child);
    if (!told.ready) throw portError("plugins", port, new LabError(told.error));
    return { ports: told.ports, running: () => child.connected, pid: child.pid, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function firstWord(child: ChildProcess): Promise<z.infer<typeof Told>> {
  return new Promise((resolve, reject) => {
    const fail = (what: string): void =>
      reject(new LabError(`The process for ${PORT_USES.plugins} ${what}.`));
    const timer = setTimeout(() => fail("said nothing for a minute"), START_DEADLINE_MS);
    const settle = (done: () => void): void => {
      clearTimeout(timer);
      done();
    };
    child.once("message", (message) => settle(() => resolve(Told.parse(message))));
    child.once("error", (error) => settle(() => reject(error)));
    child.once("exit", (exitCode, signal) =>
      settle(() => fail(`ended with ${exitCode ?? signal ?? "no code"} before it was ready`)),
    );
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, "exit");
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_DEADLINE_MS);
  await gone;
  clearTimeout(timer);
}
