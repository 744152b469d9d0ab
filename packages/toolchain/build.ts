// Building the CLI from its Go module, and the language host from our sources. Go's caches make it
// resumable; the caller moves the finished binaries into place.
import { mkdir } from "node:fs/promises";
import path from "node:path";

import { findGo, checkSpace, goFailure, type GoEnvironment } from "./go";
import { languageHostFile, pulumiFile } from "./locations";
import type { BuildMeasure } from "./manifest";
import type { Progress } from "./progress";
import { run } from "./run";
import { pulumiVersion } from "./versions";

/** One binary to build. */
export interface BuildTarget {
  readonly title: string;
  readonly file: string;
  /** The folder of its Go module, below `toolchain/`. */
  readonly module: string;
  readonly package: string;
}

/** The CLI. */
export const pulumiTarget: BuildTarget = {
  title: `Pulumi ${pulumiVersion}`,
  file: pulumiFile,
  module: "engine",
  package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
};

/** The language host. */
export const languageHostTarget: BuildTarget = {
  title: "the language host for Node.js",
  file: languageHostFile,
  module: "language-host",
  package: ".",
};

/** What a build needs. */
export interface BuildArgs {
  readonly targets: readonly BuildTarget[];
  /** The clone's `toolchain` folder. */
  readonly sources: string;
  /** An empty folder of ours; the executables end up in its `bin`. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Why the vendor's release was not taken; part of what is said where there is no Go. */
  readonly notDownloaded?: string | undefined;
}

/** How the release is built: no C, no debug data, the version set. */
const flags = [
  "-trimpath",
  "-tags=osusergo,grpcnotrace",
  `-ldflags=-w -s -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${pulumiVersion}`,
];

/** Builds the targets and says for each how it went. */
export async function build(args: BuildArgs): Promise<Record<string, BuildMeasure>> {
  const go = await findGo(args.environment, args.notDownloaded);
  await checkSpace(go, args.folder);
  // Go's work folder goes with ours, whatever happens to the build.
  const work = path.join(args.folder, "work");
  await mkdir(work, { recursive: true });
  const variables = { ...go.variables, GOTMPDIR: work };
  const measured: Record<string, BuildMeasure> = {};
  for (const target of args.targets) {
    measured[target.file] = await buildTarget({ ...go, variables }, target, args);
  }
  return measured;
}

async function buildTarget(
  go: GoEnvironment,
  target: BuildTarget,
  args: BuildArgs,
): Promise<BuildMeasure> {
  const { progress, signal } = args;
  const cwd = path.join(args.sources, target.module);
  const environment = go.variables;
  progress.step(`Building ${target.title} from source with Go ${go.version}`);
  let modules = 0;
  const listed = await run(
    go.file,
    ["list", "-deps", "-tags=osusergo,grpcnotrace", target.package],
    {
      cwd,
      environment,
      signal,
      onError(line) {
        if (!line.startsWith("go: downloading")) return;
        modules += 1;
        progress.update(`${modules} modules downloaded`);
      },
    },
  );
  if (listed.code !== 0) throw goFailure(target.title, listed.stderr);
  const packages = listed.stdout.split("\n").filter((line) => line !== "").length;

  let compiled = 0;
  const built = await run(
    go.file,
    ["build", "-v", ...flags, "-o", path.join(args.folder, "bin", target.file), target.package],
    {
      cwd,
      environment,
      signal,
      onError() {
        compiled += 1;
        progress.update(`${compiled} of ${packages} packages compiled`);
      },
    },
  );
  if (built.code !== 0) throw goFailure(target.title, built.stderr);
  const measure: BuildMeasure = {
    seconds: Math.round(listed.seconds + built.seconds),
    peakBytes: Math.max(listed.peakBytes, built.peakBytes),
    packages: compiled,
  };
  const memory =
    measure.peakBytes > 0
      ? `, ${(measure.peakBytes / 1e9).toFixed(2)} GB of memory at the peak`
      : "";
  progress.done(`${compiled} of ${packages} packages compiled${memory}`);
  return measure;
}
