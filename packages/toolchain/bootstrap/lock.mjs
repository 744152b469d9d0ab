// A lock between processes that a dead owner does not hold. By hand, since it must be there before npm's packages are: the
// first to take it is `npm ci`. The lock is a folder with one file, whose name says who its owner is. Renaming a filled
// folder on to the lock's name succeeds for one process only, and only while no filled folder has it; removing a dead
// owner's file succeeds for one process only.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, readdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";

const pollMilliseconds = 200;

/** When the process began, where the system tells; it tells a reused process id apart. */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

/** The name of an owner's file: machine, process id, when that began, and one for each taking. */
const ownerName = () => [hostname(), process.pid, startOf(process.pid), randomUUID()].join(",");

function isAlive(owner) {
  const [host, pid, start] = owner.split(",");
  if (host !== hostname()) return true; // cannot be judged from here
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return error.code === "EPERM";
  }
  return startOf(pid) === start;
}

/**
 * Takes the lock, waiting while a living process holds it.
 * @param {string} folder the lock's path; its parent must exist
 * @param {{ onWait?: (pid: number) => void, signal?: AbortSignal }} [options]
 * @returns {Promise<() => Promise<void>>} gives the lock back
 */
export async function takeLock(folder, { onWait, signal } = {}) {
  const me = ownerName();
  const prepared = `${folder}.${me}`;
  await mkdir(prepared);
  try {
    await writeFile(path.join(prepared, me), "");
    for (let told = false; ;) {
      signal?.throwIfAborted();
      const error = await rename(prepared, folder).catch((reason) => reason);
      if (error === undefined) break;
      const [owner] = await readdir(folder).catch(() => []);
      // An error that has nothing to do with an owner is not worth waiting for.
      if (!["ENOTEMPTY", "EEXIST"].includes(error.code) && owner === undefined) throw error;
      if (owner !== undefined && !isAlive(owner)) {
        await rm(path.join(folder, owner), { force: true });
        if (process.platform === "win32") await rmdir(folder).catch(() => undefined);
        continue;
      }
      if (owner !== undefined && !told) onWait?.(Number(owner.split(",")[1]));
      told ||= owner !== undefined;
      await delay(pollMilliseconds, undefined, { signal });
    }
  } catch (error) {
    await rm(prepared, { recursive: true, force: true });
    throw error;
  }
  return async () => {
    await rm(path.join(folder, me), { force: true });
    await rmdir(folder).catch(() => undefined);
  };
}
