// An engine that is there already: in the tool cache, or on PATH.
import { constants } from "node:fs";
import { access, mkdir, realpath, rename, rm, symlink } from "node:fs/promises";
import path from "node:path";

import { engineFiles, languageHostFile, pulumiFile, type EngineFolders } from "./locations";
import { isUnchanged, readManifest, writeManifest } from "./manifest";
import { askLanguageHost, askPulumi } from "./probe";
import { pulumiVersion } from "./versions";

/** What the tool cache holds: all of it, all but a current language host of ours, or nothing. */
export type CacheState = "ready" | "stale-host" | "absent";

/**
 * Looks into the tool cache. Files with our manifest must be those of the manifest; files of others
 * must answer the right version, which is then written down.
 */
export async function inspectCache(
  folders: EngineFolders,
  languageHostSources: string,
): Promise<CacheState> {
  for (const name of engineFiles) {
    if (!(await isExecutable(path.join(folders.bin, name)))) return "absent";
  }
  const manifest = await readManifest(folders);
  if (manifest !== undefined) {
    for (const name of engineFiles) {
      if (!(await isUnchanged(folders, manifest, name))) return "absent";
    }
    return manifest.how === "build" && manifest.languageHostSources !== languageHostSources
      ? "stale-host"
      : "ready";
  }
  if (!(await answersRightly(folders.bin, folders.bin))) return "absent";
  // A tool cache that may only be read is as good; it is asked again next time.
  await writeManifest(folders, { how: "found", languageHostSources: null }).catch(() => undefined);
  return "ready";
}

/** The folder on PATH that holds a CLI of exactly our version with a language host; or undefined. */
export async function findOnPath(pathVariable: string): Promise<EngineOnPath | undefined> {
  const folders = pathVariable.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  for (const folder of folders) {
    const file = path.join(folder, pulumiFile);
    if (!(await isExecutable(file))) continue;
    const real = await realpath(file);
    // The npm package's launcher is no engine: it would go and download one.
    if (real.split(path.sep).includes("node_modules")) continue;
    for (const hostFolder of [path.dirname(real), ...folders]) {
      if (!(await isExecutable(path.join(hostFolder, languageHostFile)))) continue;
      if (await answersRightly(folder, hostFolder)) {
        return { pulumi: real, languageHost: path.join(hostFolder, languageHostFile) };
      }
      break;
    }
  }
  return undefined;
}

/** An engine found on PATH, by its files. */
export interface EngineOnPath {
  readonly pulumi: string;
  readonly languageHost: string;
}

/**
 * Makes a folder of links to an engine on PATH, to be put first on PATH: the engine's own folder
 * may hold other things, such as another Node.js. Gives the engine's folder where links are refused.
 */
export async function linkEngine(found: EngineOnPath, links: string): Promise<string> {
  const temporary = `${links}.${process.pid}`;
  try {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    await symlink(found.pulumi, path.join(temporary, pulumiFile));
    await symlink(found.languageHost, path.join(temporary, languageHostFile));
    await rm(links, { recursive: true, force: true });
    await rename(temporary, links);
    return links;
  } catch {
    await rm(temporary, { recursive: true, force: true });
    return path.dirname(found.pulumi);
  }
}

/** Whether both binaries answer our version. */
export async function answersRightly(pulumiFolder: string, hostFolder: string): Promise<boolean> {
  const [pulumi, host] = await Promise.all([
    askPulumi(path.join(pulumiFolder, pulumiFile)),
    askLanguageHost(path.join(hostFolder, languageHostFile)),
  ]);
  return pulumi === pulumiVersion && host === pulumiVersion;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
