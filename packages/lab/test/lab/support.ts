// Folders, ports and processes for the life-cycle tests.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PORTS_TAKEN } from "../../ports";

export class Folders {
  private readonly made: string[] = [];

  make(): string {
    const folder = mkdtempSync(join(tmpdir(), "keyturn-lab-"));
    this.made.push(folder);
    return folder;
  }

  clear(): void {
    for (const folder of this.made.splice(0)) rmSync(folder, { recursive: true, force: true });
  }
}

/** Ids of the lab's own processes among the descendants of one. */
export function descendants(pid: number): number[] {
  return offspring(pid).filter((one) => /[/]lab[/](?:main|plugins|host)/.test(commandOf(one)));
}

function offspring(pid: number): number[] {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: parentOf(Number(name)) }));
  const children = parents.filter((one) => one.parent === pid).map((one) => one.pid);
  return children.flatMap((child) => [child, ...offspring(child)]);
}

export function runs(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && stateOf(pid) !== "Z";
}

/** Listens on a port until it is closed. */
export async function occupy(port: number): Promise<net.Server> {
  const server = net.createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return server;
}

/** A base from which the lab's ports are free. */
export async function freeBase(): Promise<number> {
  for (;;) {
    const base = 20_000 + Math.floor(Math.random() * 10_000);
    try {
      for (let port = base; port < base + PORTS_TAKEN; port += 1) (await occupy(port)).close();
      return base;
    } catch {
      // Somebody has one of them: try others.
    }
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

function parentOf(pid: number): number {
  return Number(fields(pid)[1]);
}

function stateOf(pid: number): string | undefined {
  return fields(pid)[0];
}

function fields(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}
