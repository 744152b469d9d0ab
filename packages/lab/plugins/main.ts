// The plugin process: serves the stand-ins and tells the lab, its parent, their ports over IPC.
// It lives as long as the channel does; arguments: `--port BASE` for BASE, BASE+1, ... instead of free ports.
import { parseArgs } from "node:util";

import { z } from "zod";

import { STAND_INS } from "./registry";

/** What the parent is told, once. */
export interface PluginsReady {
  readonly ready: true;
  /** Plugin name to loopback port, as PULUMI_DEBUG_PROVIDERS wants them. */
  readonly ports: Readonly<Record<string, number>>;
}

/** What the parent is told instead when a stand-in cannot be served. */
export interface PluginsFailed {
  readonly ready: false;
  readonly error: string;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: "string", default: "0" } } });
  const base = Number(values.port);
  const portOf = (index: number) => (base === 0 ? 0 : base + index);
  const served = await Promise.all(STAND_INS.map((serve, index) => serve(portOf(index))));
  tell({ ready: true, ports: Object.fromEntries(served.map(({ name, port }) => [name, port])) });
}

function tell(message: PluginsReady | PluginsFailed): void {
  if (process.send === undefined) process.stdout.write(`${JSON.stringify(message)}\n`);
  else process.send(message);
}

/** How providers sign in: what is not given is not there, as in a process that another starts. */
const SIGN_IN = /^(?:ARM_|AZURE_|ACTIONS_ID_TOKEN_|SYSTEM_)/;
const SignInBy = z.object({ signInBy: z.record(z.string(), z.string()), order: z.int() });

process.on("message", (message) => {
  const told = SignInBy.safeParse(message);
  if (!told.success) return;
  for (const name of Object.keys(process.env)) {
    if (SIGN_IN.test(name)) Reflect.deleteProperty(process.env, name);
  }
  const { signInBy, order } = told.data;
  for (const [name, value] of Object.entries(signInBy)) {
    if (SIGN_IN.test(name)) process.env[name] = value;
  }
  process.send?.({ signsInBy: order });
});

process.once("disconnect", () => process.exit());
// An interrupt at the terminal reaches the engine too, which still has to finish its calls; the lab
// ends this process by closing the channel.
if (process.send !== undefined) process.on("SIGINT", () => undefined);

main().catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error);
  tell({ ready: false, error: `The plugin stand-ins did not start: ${reason}` });
  process.exitCode = 1;
  if (process.connected) process.disconnect();
});
