// A lock between processes that a dead owner does not hold. The lock is a folder with one file that
// names its owner. Renaming a filled folder on to the lock's name succeeds for one process only, and
// only while no filled folder has it; removing a dead owner's file succeeds for one process only.
import { mkdir, readFile, readdir, rename, rm, rmdir, unlink } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { writeFile } from "node:fs/promises";

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

function alive(owner) {
  if (owner.host !== hostname()) return true; // cannot be judged from here
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
  return startOf(owner.pid) === owner.start;
}

/** The owner's file in the lock folder, or undefined. */
async function ownerOf(folder) {
  try {
    const [file] = await readdir(folder);
    if (file === undefined) return undefined;
    return { file, ...JSON.parse(await readFile(path.join(folder, file), "utf8")) };
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  }
}

/**
 * Takes the lock, waiting while a living process holds it.
 * @param {string} folder the lock's path; its parent must exist
 * @param {{ onWait?: (pid: number) => void, signal?: AbortSignal }} [options]
 * @returns {Promise<() => Promise<void>>} gives the lock back
 */
export async function takeLock(folder, { onWait, signal } = {}) {
  const me = { pid: process.pid, start: startOf(process.pid), host: hostname() };
  const name = `${me.host}-${me.pid}-${me.start}-${process.hrtime.bigint()}.json`;
  const prepared = `${folder}.${me.pid}-${process.hrtime.bigint()}`;
  await mkdir(prepared);
  try {
    await writeFile(path.join(prepared, name), JSON.stringify(me));
    let told = false;
    for (;;) {
      signal?.throwIfAborted();
      try {
        await rename(prepared, folder);
        break;
      } catch (error) {
        if (!["ENOTEMPTY", "EEXIST", "EPERM", "EACCES"].includes(error.code)) throw error;
        const owner = await ownerOf(folder);
        // An error that has nothing to do with an owner is not worth waiting for.
        if (owner === undefined && ["EPERM", "EACCES"].includes(error.code)) throw error;
        if (owner !== undefined && !alive(owner)) {
          await unlink(path.join(folder, owner.file)).catch(() => undefined);
          if (process.platform === "win32") await rmdir(folder).catch(() => undefined);
          continue;
        }
        if (owner !== undefined && !told) {
          told = true;
          onWait?.(owner.pid);
        }
        await delay(pollMilliseconds, undefined, { signal });
      }
    }
  } catch (error) {
    await rm(prepared, { recursive: true, force: true });
    throw error;
  }
  return async () => {
    await unlink(path.join(folder, name)).catch(() => undefined);
    await rmdir(folder).catch(() => undefined);
  };
}
