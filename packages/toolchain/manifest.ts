// What was put into the engine's folder, so that a file that was cut short or exchanged afterwards
// is never taken for a finished one.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, readdir, rename, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";

import { engineFiles, type EngineFolders } from "./locations";
import { pulumiVersion } from "./versions";

/** One executable as it was when it was found good. */
export interface EngineFile {
  readonly bytes: number;
  readonly modifiedMilliseconds: number;
  readonly sha256: string;
}

/** How a cold build went. */
export interface BuildMeasure {
  readonly seconds: number;
  /** The most memory of all its processes together; 0 where the system does not tell. */
  readonly peakBytes: number;
  readonly packages: number;
}

/** The manifest of an engine folder. */
export interface Manifest {
  readonly pulumiVersion: string;
  /** found: was there already and answered the right version. */
  readonly how: "found" | "download" | "build";
  /** The hash of the sources that the language host was built from; null when it is not ours. */
  readonly languageHostSources: string | null;
  readonly files: Readonly<Record<string, EngineFile>>;
  readonly measured?: Readonly<Record<string, BuildMeasure>>;
}

/** Reads the manifest; undefined when there is none or it is not one. */
export async function readManifest(folders: EngineFolders): Promise<Manifest | undefined> {
  try {
    const manifest = JSON.parse(await readFile(folders.manifest, "utf8")) as Manifest;
    return manifest.pulumiVersion === pulumiVersion && typeof manifest.files === "object"
      ? manifest
      : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the manifest for the files that are in the folder now; this makes the engine finished. */
export async function writeManifest(
  folders: EngineFolders,
  facts: Pick<Manifest, "how" | "languageHostSources" | "measured">,
): Promise<void> {
  const files: Record<string, EngineFile> = {};
  for (const name of engineFiles) {
    const file = path.join(folders.bin, name);
    const { size, mtimeMs } = await stat(file);
    files[name] = { bytes: size, modifiedMilliseconds: mtimeMs, sha256: await sha256(file) };
  }
  const manifest: Manifest = { pulumiVersion, ...facts, files };
  const temporary = `${folders.manifest}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify(manifest, undefined, 2)}\n`);
  await rename(temporary, folders.manifest);
}

/** Whether the file is the one of the manifest; hashes it only when its times differ. */
export async function isUnchanged(
  folders: EngineFolders,
  manifest: Manifest,
  name: string,
): Promise<boolean> {
  const expected = manifest.files[name];
  const file = path.join(folders.bin, name);
  const found = await stat(file).catch(() => undefined);
  if (expected === undefined || found?.size !== expected.bytes) return false;
  return (
    found.mtimeMs === expected.modifiedMilliseconds || (await sha256(file)) === expected.sha256
  );
}

/** The SHA-256 of a file, in hexadecimal digits. */
export async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** One hash over the sources in a folder that go into its binary; tests do not. */
export async function sourcesHash(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(folder)).sort()) {
    if (!/^go\.(mod|sum)$|(?<!_test)\.go$/.test(name)) continue;
    hash
      .update(`${name}\0`)
      .update(await readFile(path.join(folder, name)))
      .update("\0");
  }
  return hash.digest("hex");
}
