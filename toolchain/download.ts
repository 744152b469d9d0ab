// The vendor's own release, where it can be reached. Not to be reached is no error: it is built then.
import { createWriteStream } from "node:fs";
import { chmod, mkdir, readdir, rename } from "node:fs/promises";
import path from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

import { ToolchainError, errorText } from "./errors";
import { sha256 } from "./manifest";
import type { Progress } from "./progress";
import { run } from "./run";
import { pulumiVersion } from "./versions";

/** Where the vendor publishes releases, and their checksums. */
export const vendorSites = {
  releases: "https://get.pulumi.com/releases/sdk",
  checksums: `https://github.com/pulumi/pulumi/releases/download/v${pulumiVersion}`,
};

const connectMilliseconds = 5000;
const stallMilliseconds = 30_000;

/** What a download needs. */
export interface DownloadArgs {
  /** An empty folder of ours; the executables end up in its `bin`. */
  readonly folder: string;
  readonly sites: typeof vendorSites;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The vendor's name for this machine's release. */
export function archiveName(
  platform: string = process.platform,
  arch: string = process.arch,
): string {
  const system = platform === "win32" ? "windows" : platform;
  return `pulumi-v${pulumiVersion}-${system}-${arch}.${platform === "win32" ? "zip" : "tar.gz"}`;
}

/**
 * Downloads and unpacks the release; false when the site cannot be reached or does not have it. A
 * file that is not what the vendor's checksums say is an error.
 */
export async function download(args: DownloadArgs): Promise<boolean> {
  const name = archiveName();
  const response = await reach(`${args.sites.releases}/${name}`, args.signal);
  if (response?.body == null) return false;
  args.progress.step(`Downloading Pulumi ${pulumiVersion} from the vendor`);
  const archive = path.join(args.folder, name);
  try {
    await save(response, archive, args);
  } catch (error) {
    args.signal.throwIfAborted();
    args.progress.done(`the download broke off (${errorText(error)})`);
    return false;
  }
  const checked = await check(archive, name, args);
  await unpack(archive, args.folder);
  args.progress.done(checked ? "downloaded, checksum right" : "downloaded; no checksums published");
  return true;
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

/** True when the vendor's checksum is there and right; false when there is none. */
async function check(archive: string, name: string, args: DownloadArgs): Promise<boolean> {
  const list = await reach(
    `${args.sites.checksums}/pulumi-${pulumiVersion}-checksums.txt`,
    args.signal,
  );
  const line = (await list?.text())?.split("\n").find((each) => each.trim().endsWith(name));
  const expected = line?.trim().split(/\s+/)[0]?.toLowerCase();
  if (expected === undefined) return false;
  const found = await sha256(archive);
  if (found === expected) return true;
  throw new ToolchainError(
    `The download ${name} is not what the vendor published (SHA-256 ${found}, published ${expected}). ` +
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
