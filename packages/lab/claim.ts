// One lab a folder: a lock file that a dead lab does not hold.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LabError, reasonOf } from "./errors";
import { isRunning, processStart } from "./process";

/** Gives the folder back; idempotent. */
export type Release = () => void;

interface Owner {
  readonly pid: number;
  readonly started: string | undefined;
  readonly line: string;
}

const held = new Set<string>();

/** Makes the folder if need be. @throws LabError when it cannot be written to */
export function makeFolder(labDir: string): void {
  try {
    mkdirSync(labDir, { recursive: true, mode: 0o700 });
    const probe = join(labDir, `lab.probe.${process.pid}`);
    writeFileSync(probe, "");
    rmSync(probe);
  } catch (error) {
    throw new LabError(
      `The lab cannot write to its folder ${labDir}: ${reasonOf(error)}. Give --lab-dir another folder.`,
      { cause: error },
    );
  }
}

/** Makes the folder if need be and takes it. @throws LabError that says who has it */
export function claimFolder(labDir: string): Release {
  makeFolder(labDir);
  const lock = join(labDir, "lab.lock");
  const mine = join(labDir, `lab.lock.${process.pid}`);
  writeFileSync(mine, `${process.pid} ${processStart(process.pid) ?? ""}\n`, { mode: 0o600 });
  try {
    take(mine, lock, labDir);
  } finally {
    rmSync(mine, { force: true });
  }
  held.add(lock);
  return () => {
    if (held.delete(lock)) rmSync(lock, { force: true });
  };
}

/** A link is made whole or not at all, so that of two labs at once one wins. */
function take(mine: string, lock: string, labDir: string): void {
  while (!linked(mine, lock)) {
    const owner = readOwner(lock);
    const alive =
      owner?.pid === process.pid ? held.has(lock) : owner && isRunning(owner.pid, owner.started);
    if (owner && alive) {
      throw new LabError(
        `A lab already runs in ${labDir} (process ${owner.pid}). Stop it with \`npm run lab -- down\`, or give --lab-dir another folder.`,
      );
    }
    putAside(lock, `${mine}.stale`, owner);
  }
}

/** Removes a dead lab's lock, and puts back one that a living lab has made in the meantime. */
function putAside(lock: string, aside: string, dead: Owner | undefined): void {
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  if (readOwner(aside)?.line !== dead?.line) linked(aside, lock);
  rmSync(aside, { force: true });
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}

function readOwner(lock: string): Owner | undefined {
  try {
    const line = readFileSync(lock, "utf8").trim();
    const [pid, started] = line.split(" ");
    return { pid: Number(pid), started, line };
  } catch {
    return undefined;
  }
}
