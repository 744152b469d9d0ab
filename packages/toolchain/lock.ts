// The lock of the bootstrap, for TypeScript: it must run before anything is compiled, so it is
// written in plain JavaScript and loaded from the sources.
import path from "node:path";
import { pathToFileURL } from "node:url";

import { projectRoot } from "./locations";

interface LockModule {
  takeLock(folder: string, options?: LockOptions): Promise<() => Promise<void>>;
}

/** What a taker of the lock may say. */
export interface LockOptions {
  /** Called once with the owner's process id when another process holds the lock. */
  readonly onWait?: (pid: number) => void;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

/** Takes the lock at the path, waiting while a living process holds it; gives its release. */
export async function takeLock(
  folder: string,
  options: LockOptions = {},
): Promise<() => Promise<void>> {
  const file = path.join(projectRoot(), "packages", "toolchain", "bootstrap", "lock.mjs");
  const module = (await import(pathToFileURL(file).href)) as LockModule;
  return module.takeLock(folder, options);
}
