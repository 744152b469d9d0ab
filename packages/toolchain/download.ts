// The vendor's own release, where it can be reached and the version list has its hash. What cannot be had, or cannot be
// known for the vendor's, is no error: the engine is built then. What is not what the list says is one.
import { createWriteStream } from "node:fs";
import { chmod, mkdir, readdir, rename } from "node:fs/promises";
import path from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

import { ToolchainError, errorText } from "./errors";
import { sha256 } from "./manifest";
import type { Progress } from "./progress";
import { run } from "./run";
import { pulumiVersion, type DownloadHashes } from "./versions";

/** Where the vendor publishes releases. */
export const vendorSites = { releases: "https://get.pulumi.com/releases/sdk" };

const connectMilliseconds = 5000;
const stallMilliseconds = 30_000;

/** What a download needs. */
export interface DownloadArgs {
  /** An empty folder of ours; the executables end up in its `bin`. */
  readonly folder: string;
  readonly sites: typeof vendorSites;
  readonly hashes: DownloadHashes;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The vendor's name of a platform. */
export function platformName(
  platform: string = process.platform,
  arch: string = process.arch,
): string {
  return `${platform === "win32" ? "windows" : platform}-${arch}`;
}

/** The vendor's name for a platform's release. */
export function archiveName(name: string = platformName()): string {
  return `pulumi-v${pulumiVersion}-${name}.${name.startsWith("windows-") ? "zip" : "tar.gz"}`;
}

/**
 * Downloads the release, holds it against the version list and unpacks it. Gives a sentence where it cannot be had; a
 * file that is not the one of the list is an error, and nothing of it is unpacked.
 */
export async function download(args: DownloadArgs): Promise<string | undefined> {
  const name = archiveName();
  const expected = args.hashes.releases[platformName()];
  if (expected === undefined) {
    return (
      `The vendor's release ${name} is not taken, since packages/toolchain/versions.json has no SHA-256 to know it by. ` +
      "Build from source with Go, or put the SHA-256 of the vendor's release page there."
    );
  }
  const response = await reach(`${args.sites.releases}/${name}`, args.signal);
  if (response?.body == null) return `The vendor's release ${name} cannot be reached from here.`;
  args.progress.step(`Downloading Pulumi ${pulumiVersion} from the vendor`);
  const archive = path.join(args.folder, name);
  try {
    await save(response, archive, args);
  } catch (error) {
    args.signal.throwIfAborted();
    args.progress.done(`the download broke off (${errorText(error)})`);
    return `The download of the vendor's release ${name} broke off.`;
  }
  await check(archive, name, expected);
  await unpack(archive, args.folder);
  args.progress.done("downloaded, checksum right");
  return undefined;
}

/** A response with status 200, or undefined when there is none in time. */
async function reach(url: string, signal: AbortSignal): Promise<Response | undefined> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), connectMilliseconds);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, timeout.signal]) });
    if (response.ok) return response;
    await response.body?.cancel();
    return undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

async function save(response: Response, archive: string, args: DownloadArgs): Promise<void> {
  const total = Number(response.headers.get("content-length") ?? 0);
  let received = 0;
  const stall = new AbortController();
  let timer = setTimeout(() => stall.abort(), stallMilliseconds);
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      clearTimeout(timer);
      timer = setTimeout(() => stall.abort(), stallMilliseconds);
      args.progress.update(`${megabytes(received)} of ${total > 0 ? megabytes(total) : "?"} MB`);
      done(null, chunk);
    },
  });
  try {
    // The types of the web's and Node.js's streams differ in name only.
    const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
    await pipeline(body, count, createWriteStream(archive), {
      signal: AbortSignal.any([args.signal, stall.signal]),
    });
  } finally {
    clearTimeout(timer);
  }
  if (total > 0 && received !== total) throw new Error(`${received} of ${total} bytes came`);
}

async function check(archive: string, name: string, expected: string): Promise<void> {
  const found = await sha256(archive);
  if (found === expected.toLowerCase()) return;
  throw new ToolchainError(
    `The download ${name} is not the vendor's release: its SHA-256 is ${found}, packages/toolchain/versions.json has ${expected}. ` +
      "Something on the way changes it; run again on another network, or set KEYTURN_TOOLCHAIN=build to build it from source.",
  );
}

/** Unpacks into `bin`; the archive holds `pulumi/`, on Windows `pulumi/bin/`. */
async function unpack(archive: string, folder: string): Promise<void> {
  const unpacked = path.join(folder, "unpacked");
  await mkdir(unpacked);
  const { code, stderr } = await run("tar", ["-xf", archive, "-C", unpacked]);
  if (code !== 0) {
    throw new ToolchainError(
      `The download ${path.basename(archive)} could not be unpacked (tar: ${stderr}). Free some disk space and run again.`,
    );
  }
  const inner = path.join(unpacked, "pulumi");
  const source = (await readdir(inner)).includes("bin") ? path.join(inner, "bin") : inner;
  const bin = path.join(folder, "bin");
  await rename(source, bin);
  for (const name of await readdir(bin)) await chmod(path.join(bin, name), 0o755);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
