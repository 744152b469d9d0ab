// A release that was kept (releases/README.md), unpacked so that the engine can run it.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { CLONE } from "../../helpers/paths";

const RELEASES = join(CLONE, "test", "e2e", "upgrade", "releases");
const PACKED = ".tar.gz";
const SCRIPTS = ["update.sh", "update.ps1"];

/** Commits of the releases that are kept. */
export const RELEASE_COMMITS = readdirSync(RELEASES)
  .filter((name) => name.endsWith(PACKED))
  .map((name) => name.slice(0, -PACKED.length));

export interface Release {
  /** Folder of its `Pulumi.yaml`. */
  readonly dir: string;
  readonly main: string;
  /** Whether a script that is carried to hosts differs from today's. */
  readonly otherHostScript: boolean;
}

/** @param dir a folder that is not there yet */
export function unpackRelease(commit: string, dir: string): Release {
  mkdirSync(dir);
  execFileSync("tar", ["-xzf", join(RELEASES, `${commit}${PACKED}`), "-C", dir]);
  symlinkSync(join(CLONE, "node_modules"), join(dir, "node_modules"));
  const differs = (script: string): boolean => {
    const [then, now] = [dir, CLONE].map((root) => readFileSync(join(root, "host", script)));
    return then?.equals(now ?? Buffer.alloc(0)) === false;
  };
  return {
    dir,
    main: join(dir, "dist", "index.js"),
    otherHostScript: SCRIPTS.some(differs),
  };
}
