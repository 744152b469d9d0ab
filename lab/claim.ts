// One lab a folder: a lock file that a dead lab does not hold.
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LabError } from "./errors";
import { isRunning, processStart } from "./process";

/** Gives the folder back; idempotent. */
export type Release = () => void;

const held = new Set<string>();

/** Makes the folder if need be and takes it, or says who has it. */
export function claimFolder(labDir: string): Release {
  mkdirSync(labDir, { recursive: true, mode: 0o700 });
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
  for (;;) {
    try {
      linkSync(mine, lock);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = readOwner(lock);
    const alive =
      owner?.pid === process.pid ? held.has(lock) : owner && isRunning(owner.pid, owner.started);
    if (owner && alive) {
      throw new LabError(
        `A lab already runs in ${labDir} (process ${owner.pid}). Stop it with \`keyturn lab down\`, or give --lab-dir another folder.`,
      );
    }
    rmSync(lock, { force: true });
  }
}

function readOwner(lock: string): { pid: number; started: string | undefined } | undefined {
  try {
    const [pid, started] = readFileSync(lock, "utf8").trim().split(" ");
    return { pid: Number(pid), started };
  } catch {
    return undefined;
  }
}
