// Stand-ins for the CLI, the language host, Go and the clone, made of scripts in a folder of the test.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { ensureToolchain, type EnsureOptions, type Toolchain } from "../ensure";
import { engineFolders, projectRoot } from "../locations";
import { silent } from "../progress";
import { goMinimum, pulumiVersion } from "../versions";

/** Whether a process runs; one that is dead but not yet collected does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
  } catch {
    return false;
  }
}

/** Writes an executable script. */
export function script(file: string, content: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, 0o755);
}

/** A fake CLI; it counts its calls in `calls` beside it. */
export function fakePulumi(folder: string, version = pulumiVersion, more = ""): void {
  script(
    path.join(folder, "pulumi"),
    `#!/bin/sh\necho "$*" >>"${folder}/calls"\n[ "$1" = version ] && echo v${version}\n${more}\nexit 0\n`,
  );
}

/** A fake language host, which answers as one over gRPC. */
export function fakeLanguageHost(folder: string, version = pulumiVersion): void {
  const grpc = path.join(projectRoot(), "node_modules", "@grpc", "grpc-js");
  script(
    path.join(folder, "pulumi-language-nodejs"),
    `#!${process.execPath}
const grpc = require(${JSON.stringify(grpc)});
const server = new grpc.Server();
const bytes = (text) => Buffer.concat([Buffer.from([0x0a, text.length]), Buffer.from(text)]);
server.addService({ GetPluginInfo: { path: "/pulumirpc.LanguageRuntime/GetPluginInfo",
  requestStream: false, responseStream: false, requestSerialize: bytes, responseSerialize: bytes,
  requestDeserialize: () => ({}), responseDeserialize: () => ({}) } },
  { GetPluginInfo: (_call, answer) => answer(null, "v${version}") });
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (_e, port) => console.log(port));
process.stdin.on("end", () => process.exit(0)).resume();
`,
  );
}

/** What a fake Go does other than build well. */
export interface GoBehaviour {
  readonly version?: string;
  /** Lines of shell in place of the listing of packages. */
  readonly list?: string;
  /** Lines of shell before the binary is made. */
  readonly beforeBuild?: string;
  /** The version that the binaries made will answer. */
  readonly makes?: string;
}

/** A tool cache, a PATH and sources of a test's own. */
export class Sandbox {
  readonly folder = mkdtempSync(path.join(tmpdir(), "keyturn-toolchain-"));
  readonly home = path.join(this.folder, "home");
  readonly path = path.join(this.folder, "path");
  readonly sources = path.join(this.folder, "sources");
  readonly folders = engineFolders(this.home);
  readonly goCalls = path.join(this.folder, "go-calls");

  constructor() {
    mkdirSync(this.path);
    for (const module of ["engine", "language-host"]) {
      mkdirSync(path.join(this.sources, module), { recursive: true });
      writeFileSync(path.join(this.sources, module, "go.mod"), "module fake\n");
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Puts a Go on the test's PATH. */
  go({
    version = goMinimum,
    list = "echo a; echo b",
    beforeBuild = "",
    makes,
  }: GoBehaviour = {}): void {
    const made = path.join(this.folder, "made");
    fakePulumi(made, makes);
    fakeLanguageHost(made, makes);
    script(
      path.join(this.path, "go"),
      `#!/bin/sh
PATH=/usr/bin:/bin
echo "$*" >>"${this.goCalls}"
case "$1" in
env) echo "go${version}"; echo "${this.folder}/modules"; echo "${this.folder}/cache" ;;
list) ${list} ;;
build)
  while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done
  echo fake/package >&2
  ${beforeBuild}
  mkdir -p "$(dirname "$out")" && cp "${made}/$(basename "$out")" "$out" ;;
esac
`,
    );
  }

  /** The files that Go was told to build. */
  built(): readonly string[] {
    if (!existsSync(this.goCalls)) return [];
    return [...readFileSync(this.goCalls, "utf8").matchAll(/^build .* -o (\S+)/gm)].map((match) =>
      path.basename(match[1] ?? ""),
    );
  }

  /** Sets up with nothing but what the test put there; the vendor cannot be reached. */
  ensure(options: EnsureOptions = {}): Promise<Toolchain> {
    return ensureToolchain({
      environment: { PATH: this.path, PULUMI_HOME: this.home },
      progress: silent,
      sites: { releases: "http://127.0.0.1:9" },
      sources: this.sources,
      links: path.join(this.folder, "links"),
      ...options,
    });
  }
}
