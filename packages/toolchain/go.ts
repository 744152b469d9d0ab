// The Go on this machine: whether it is there and new enough, and what its complaints mean.
import { statfs } from "node:fs/promises";
import { existsSync } from "node:fs";
import path from "node:path";

import { ToolchainError } from "./errors";
import { run } from "./run";
import { goMinimum, pulumiVersion } from "./versions";

const gigabyte = 1e9;
/** Free space that a build needs with empty caches of Go, and with its modules downloaded. */
export const spaceNeeded = { cold: 5 * gigabyte, modulesPresent: 1 * gigabyte };

/** What we use of `go env`. */
export interface GoEnvironment {
  readonly file: string;
  readonly version: string;
  readonly moduleCache: string;
  readonly buildCache: string;
  /** The environment for its commands. */
  readonly variables: NodeJS.ProcessEnv;
}

/** Finds Go and refuses one that is too old. `notDownloaded` says why there is no release of the vendor's to fall back to. */
export async function findGo(
  environment: NodeJS.ProcessEnv,
  notDownloaded?: string,
): Promise<GoEnvironment> {
  const variables: NodeJS.ProcessEnv = {
    ...environment,
    CGO_ENABLED: "0",
    GOFLAGS: "-mod=readonly -buildvcs=false",
    GOTOOLCHAIN: "local",
    GOWORK: "off",
  };
  const file = (environment["PATH"] ?? "")
    .split(path.delimiter)
    .map((folder) => path.join(folder, process.platform === "win32" ? "go.exe" : "go"))
    .find((candidate) => existsSync(candidate));
  if (file === undefined) {
    throw new ToolchainError(
      `Pulumi ${pulumiVersion} is not installed, and Go, which could build it, was not found on PATH. ` +
        `${notDownloaded === undefined ? "" : `${notDownloaded} `}Install Go ${goMinimum} or newer, or Pulumi ${pulumiVersion}, and run again.`,
    );
  }
  const { code, stdout, stderr } = await run(file, ["env", "GOVERSION", "GOMODCACHE", "GOCACHE"], {
    environment: variables,
  });
  const [goVersion = "", moduleCache = "", buildCache = ""] = stdout.split("\n");
  const version = goVersion.trim().replace(/^go/, "");
  if (code !== 0 || version === "") {
    throw new ToolchainError(
      `${file} does not answer (${stderr || `exit code ${code}`}). Install Go ${goMinimum} or newer and run again.`,
    );
  }
  if (isOlder(version, goMinimum)) {
    throw new ToolchainError(
      `Go ${version} is too old to build Pulumi ${pulumiVersion}, which needs Go ${goMinimum}. Install a newer Go, or Pulumi ${pulumiVersion} itself, and run again.`,
    );
  }
  return {
    file,
    version,
    moduleCache: moduleCache.trim(),
    buildCache: buildCache.trim(),
    variables,
  };
}

/** Whether a version such as 1.25.11 or 1.26rc1 comes before another; a pre-release counts as older. */
export function isOlder(version: string, minimum: string): boolean {
  const numbers = (text: string): number[] => (text.match(/\d+/g) ?? []).slice(0, 3).map(Number);
  const [have, need] = [numbers(version.replace(/(rc|beta).*/, "")), numbers(minimum)];
  for (let part = 0; part < 3; part += 1) {
    const difference = (have[part] ?? 0) - (need[part] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return /rc|beta/.test(version);
}

/** Refuses to begin a build that the disk has no room for. */
export async function checkSpace(
  go: GoEnvironment,
  folder: string,
  freeBytes: (folder: string) => Promise<number> = freeSpace,
): Promise<void> {
  const modules = path.join(go.moduleCache, "github.com", "pulumi", "pulumi", "pkg");
  const needed = existsSync(path.join(modules, `v3@v${pulumiVersion}`))
    ? spaceNeeded.modulesPresent
    : spaceNeeded.cold;
  for (const place of [go.moduleCache, go.buildCache, folder]) {
    const free = await freeBytes(place);
    if (free < needed) {
      throw new ToolchainError(
        `Building Pulumi ${pulumiVersion} needs about ${needed / gigabyte} GB, but only ${(free / gigabyte).toFixed(1)} GB are free at ${place}. ` +
          "Free some space, or point GOMODCACHE, GOCACHE or PULUMI_HOME to a larger disk, and run again.",
      );
    }
  }
}

/** The free bytes of the disk of a folder that may not be there yet. */
async function freeSpace(folder: string): Promise<number> {
  let existing = path.resolve(folder);
  while (!existsSync(existing) && path.dirname(existing) !== existing) {
    existing = path.dirname(existing);
  }
  const { bavail, bsize } = await statfs(existing);
  return bavail * bsize;
}

const meanings: readonly { readonly pattern: RegExp; readonly sentence: string }[] = [
  {
    pattern: /no space left on device|disk quota exceeded/i,
    sentence:
      "The disk became full during the build. Free some space (a first build takes about 5 GB with Go's caches) and run again; what is built already is kept.",
  },
  {
    pattern: /requires go >=|go\.mod requires go/i,
    sentence: `This Go is too old for one of the modules. Install Go ${goMinimum} or newer and run again.`,
  },
  {
    pattern:
      /dial tcp|no such host|i\/o timeout|connection refused|connection reset|network is unreachable|TLS handshake|proxyconnect|server misbehaving|unexpected EOF|module lookup disabled|: (403|404|410|5\d\d) /i,
    sentence:
      "Go's modules could not be downloaded: the module proxy is not reachable. Connect to a network, or set GOPROXY to a proxy that is reachable from here, and run again; what is downloaded already is kept.",
  },
  {
    pattern: /permission denied|read-only file system/i,
    sentence:
      "A folder that Go writes to is not writable. Make GOMODCACHE and GOCACHE writable, or set them to folders that are, and run again.",
  },
];

/** The sentence for a failed go command. */
export function goFailure(what: string, stderr: string): ToolchainError {
  const detail = stderr.trim().split("\n").slice(-5).join("\n");
  const known = meanings.find(({ pattern }) => pattern.test(stderr));
  return new ToolchainError(
    `${known?.sentence ?? `${what} could not be built. Read Go's own words below, mend that, and run again.`}\n${detail}`,
  );
}
