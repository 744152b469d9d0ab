// Makes sure of the engine: from the tool cache, from PATH, by the vendor's download, or by building
// it. A binary is in its place only when it is whole and has answered its version.
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";

import { build, languageHostTarget, pulumiTarget } from "./build";
import { download, vendorSites } from "./download";
import { Interrupted, ToolchainError, writeError } from "./errors";
import { answersRightly, findOnPath, inspectCache, linkEngine } from "./find";
import {
  engineFiles,
  engineFolders,
  projectRoot,
  pulumiHome,
  type EngineFolders,
} from "./locations";
import { takeLock } from "./lock";
import { readManifest, sourcesHash, writeManifest, type Manifest } from "./manifest";
import { progressOn, type Progress } from "./progress";
import { onSignals } from "./signals";
import { downloadHashes, pulumiVersion, type DownloadHashes } from "./versions";

/** How set-up is done; everything has a default. */
export interface EnsureOptions {
  /** @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** @default lines on standard error */
  readonly progress?: Progress;
  /** Interrupts set-up. @default SIGINT and SIGTERM do */
  readonly signal?: AbortSignal;
  /** @default the vendor's */
  readonly sites?: typeof vendorSites;
  /** @default those of versions.json */
  readonly hashes?: DownloadHashes;
  /** Holds `engine/` and `language-host/`. @default the clone's `toolchain` */
  readonly sources?: string;
  /** Where links to an engine on PATH go. @default the clone's `.toolchain/bin` */
  readonly links?: string;
}

/** The engine that was made sure of. */
export interface Toolchain {
  /** The folder of the executables, to be put first on PATH. */
  readonly pulumiBin: string;
  readonly pulumiVersion: string;
  readonly builtNow: boolean;
  readonly how: "cache" | "path" | "download" | "build";
}

type Settled = Required<Omit<EnsureOptions, "signal">> & {
  readonly signal: AbortSignal;
  readonly folders: EngineFolders;
};

const temporaryPrefix = ".keyturn-";

/** Makes sure of the engine. Quick and quiet when it is there; otherwise minutes, with progress. */
export async function ensureToolchain(options: EnsureOptions = {}): Promise<Toolchain> {
  const environment = options.environment ?? process.env;
  const root = projectRoot();
  const sources = options.sources ?? path.join(root, "packages", "toolchain");
  const folders = engineFolders(pulumiHome(environment));
  const hostSources = await sourcesHash(path.join(sources, languageHostTarget.module));
  const onlyBuild = environment["KEYTURN_TOOLCHAIN"] === "build";

  const fromCache: Toolchain = {
    pulumiBin: folders.bin,
    pulumiVersion,
    builtNow: false,
    how: "cache",
  };
  const state = await inspectCache(folders, hostSources).catch((error: unknown) => {
    throw writeError(error, folders.version);
  });
  if (state === "ready") return fromCache;
  if (state === "absent" && !onlyBuild) {
    const found = await findOnPath(environment["PATH"] ?? "");
    if (found !== undefined) {
      const links = options.links ?? path.join(root, ".toolchain", "bin");
      return { ...fromCache, how: "path", pulumiBin: await linkEngine(found, links) };
    }
  }

  const interruption = options.signal === undefined ? onSignals() : undefined;
  const settled: Settled = {
    environment,
    progress: options.progress ?? progressOn(process.stderr),
    sites: options.sites ?? vendorSites,
    hashes: options.hashes ?? downloadHashes,
    sources,
    links: "",
    folders,
    signal: options.signal ?? interruption?.signal ?? new AbortController().signal,
  };
  try {
    const how = await underLock(settled, async () => {
      // Another set-up may have finished while we waited.
      const now = await inspectCache(folders, hostSources);
      if (now === "ready") return "cache";
      return fill(settled, now === "stale-host", hostSources, onlyBuild);
    });
    return { ...fromCache, how, builtNow: how !== "cache" };
  } catch (error) {
    if (settled.signal.aborted) throw new Interrupted();
    throw writeError(error, folders.version);
  } finally {
    interruption?.stop();
  }
}

async function underLock<T>(settled: Settled, work: () => Promise<T>): Promise<T> {
  const { folders, progress, signal } = settled;
  await mkdir(folders.version, { recursive: true });
  const release = await takeLock(
    path.join(folders.versions, `${temporaryPrefix}${pulumiVersion}.lock`),
    {
      signal,
      onWait: (pid) => progress.step(`Another set-up (process ${pid}) is at work; waiting for it`),
    },
  );
  try {
    return await work();
  } finally {
    await release();
  }
}

/** Puts the binaries into the tool cache. */
async function fill(
  settled: Settled,
  hostOnly: boolean,
  languageHostSources: string,
  onlyBuild: boolean,
): Promise<"download" | "build"> {
  const { folders } = settled;
  // Under the lock nobody is at work on them: a killed set-up left them.
  for (const name of await readdir(folders.version)) {
    if (name.startsWith(temporaryPrefix)) {
      await rm(path.join(folders.version, name), { recursive: true, force: true });
    }
  }
  const folder = path.join(folders.version, `${temporaryPrefix}${process.pid}`);
  await mkdir(folder);
  try {
    let notDownloaded: string | undefined;
    if (!hostOnly && !onlyBuild) {
      notDownloaded = await download({ ...settled, folder });
      if (notDownloaded === undefined) {
        await settle(folders, folder, { how: "download", languageHostSources: null });
        return "download";
      }
    }
    const targets = hostOnly ? [languageHostTarget] : [pulumiTarget, languageHostTarget];
    const measured = await build({ ...settled, folder, targets, notDownloaded });
    const before = hostOnly ? (await readManifest(folders))?.measured : undefined;
    await settle(folders, folder, {
      how: "build",
      languageHostSources,
      measured: { ...before, ...measured },
    });
    return "build";
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Asks the new binaries for their version and moves them into place, the manifest last. */
async function settle(
  folders: EngineFolders,
  folder: string,
  facts: Pick<Manifest, "how" | "languageHostSources" | "measured">,
): Promise<void> {
  const made = path.join(folder, "bin");
  const names = await readdir(made);
  const folderOf = (file: string | undefined): string =>
    file !== undefined && names.includes(file) ? made : folders.bin;
  if (!(await answersRightly(folderOf(engineFiles[0]), folderOf(engineFiles[1])))) {
    throw new ToolchainError(
      `The Pulumi binaries that were made now do not answer version ${pulumiVersion}, so they are not used. ` +
        "Run again with KEYTURN_TOOLCHAIN=build to build them from source; if it stays, report it with the output of `go version`.",
    );
  }
  await mkdir(folders.bin, { recursive: true });
  await rm(folders.manifest, { force: true });
  for (const name of names) {
    await rename(path.join(made, name), path.join(folders.bin, name));
  }
  await writeManifest(folders, facts);
}

async function main(): Promise<void> {
  try {
    const toolchain = await ensureToolchain();
    process.stdout.write(`${JSON.stringify(toolchain)}\n`);
  } catch (error) {
    const known = error instanceof ToolchainError || error instanceof Interrupted;
    process.stderr.write(`${known ? error.message : String((error as Error).stack)}\n`);
    process.exitCode = error instanceof Interrupted ? 130 : 1;
  }
}

if (require.main === module) void main();
