// Where things are: the clone, the tool cache and the files in it.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

import { pulumiVersion } from "./versions";

const suffix = process.platform === "win32" ? ".exe" : "";

/** The CLI's file name. */
export const pulumiFile = `pulumi${suffix}`;
/** The language host's file name. */
export const languageHostFile = `pulumi-language-nodejs${suffix}`;
/** The files that make a finished engine folder. */
export const engineFiles: readonly string[] = [pulumiFile, languageHostFile];

/** The folder of the clone, from the sources as well as from dist. */
export function projectRoot(from: string = __dirname): string {
  let folder = from;
  while (!existsSync(path.join(folder, "package-lock.json"))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`no package-lock.json from ${from} upwards`);
    folder = parent;
  }
  return folder;
}

/** The tool cache: `$PULUMI_HOME`, or `~/.pulumi`. */
export function pulumiHome(environment: NodeJS.ProcessEnv = process.env): string {
  return environment["PULUMI_HOME"] || path.join(homedir(), ".pulumi");
}

/** The layout that the npm package `pulumi` expects. */
export interface EngineFolders {
  /** Holds one folder a version, and our lock. */
  readonly versions: string;
  /** The folder of our version. */
  readonly version: string;
  /** Holds the executables. */
  readonly bin: string;
  /** Says what was put there, by whom, with sizes and hashes. */
  readonly manifest: string;
}

/** The folders of the engine in the tool cache home. */
export function engineFolders(home: string): EngineFolders {
  const versions = path.join(home, "versions");
  const version = path.join(versions, pulumiVersion);
  return {
    versions,
    version,
    bin: path.join(version, "bin"),
    manifest: path.join(version, "keyturn.json"),
  };
}
