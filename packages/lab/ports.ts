// Which port is for what: BASE and the numbers after it, or ports that the system chooses.
import { LabError } from "./errors";

/** In the order of their ports; the plugin stand-ins take the ports after the last. */
export const PORT_USES = {
  login: "Entra's sign-in",
  graph: "Microsoft Graph",
  arm: "Azure Resource Manager",
  vault: "the key vaults",
  proxy: "the proxy to the key vaults",
  control: "the lab's control",
  ssh: "the host's SSH server",
  snappass: "SnapPass",
  jobs: "the pipelines' jobs",
  plugins: "the plugin stand-ins",
} as const;

export type PortUse = keyof typeof PORT_USES;

/** Hosts of one lab, at most. */
export const MOST_HOSTS = 8;

const PORTS_BEFORE_HOSTS = 16;

/** Ports that a lab takes from BASE on, stand-ins and hosts included. */
export const PORTS_TAKEN = PORTS_BEFORE_HOSTS + MOST_HOSTS;

const ORDER = Object.keys(PORT_USES) as PortUse[];

/** @param base 0 lets the system choose. */
export function portFor(use: PortUse, base: number): number {
  return base === 0 ? 0 : base + ORDER.indexOf(use);
}

/** The SSH port of the lab's n-th host; those after the first come behind everything else. */
export function hostPort(base: number, index: number): number {
  const first = portFor("ssh", base);
  return base === 0 || index === 0 ? first : base + PORTS_BEFORE_HOSTS + index - 1;
}

/** Runs the start of one server; a port that is taken becomes one sentence with its remedy. */
export async function startOn<T>(
  use: PortUse,
  base: number,
  start: (port: number) => Promise<T>,
): Promise<T> {
  const port = portFor(use, base);
  try {
    return await start(port);
  } catch (error) {
    throw portError(use, port, error);
  }
}

export function portError(use: PortUse, port: number, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const message = error instanceof Error ? error.message : String(error);
  const taken = code === "EADDRINUSE" || message.includes("EADDRINUSE");
  const barred = code === "EACCES" || message.includes("EACCES");
  if (!taken && !barred) return error;
  const named = /EADDRINUSE[^\n]*?:(\d+)/.exec(message)?.[1] ?? String(port);
  const why = taken ? "is taken by another process" : "may not be opened by this user";
  return new LabError(
    `Port ${named} ${why}, and the lab needs it for ${PORT_USES[use]}. Free it, give --port another base, or leave --port out to let the system choose.`,
    { cause: error },
  );
}
