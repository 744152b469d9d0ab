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
  /** From now on the stand-ins sign in as these variables say: a plugin of the vendor's would have them from its engine. */
  signInBy(variables: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

const Told = z.union([
  z.object({ ready: z.literal(true), ports: z.record(z.string(), z.int()) }),
  z.object({ ready: z.literal(false), error: z.string() }),
]);

const Heard = z.object({ signsInBy: z.int() });

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
    let orders = 0;
    return {
      ports: told.ports,
      running: () => child.connected,
      pid: child.pid,
      signInBy: (variables) => tell(child, { signInBy: variables, order: (orders += 1) }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Resolves when the child has done as it is told. */
async function tell(
  child: ChildProcess,
  order: { readonly signInBy: Readonly<Record<string, string>>; readonly order: number },
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const done = (message: unknown): void => {
      if (Heard.safeParse(message).data?.signsInBy !== order.order) return;
      child.off("message", done).off("exit", gone);
      resolve();
    };
    const gone = (): void => reject(new LabError("The stand-ins' process has ended."));
    child.on("message", done).once("exit", gone);
    child.send(order, (error) => {
      if (error !== null) reject(error);
    });
  });
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
