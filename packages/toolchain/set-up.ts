// What a command needs beside packages and compilation, which are there when it runs: the engine, and the environment.
import { existsSync } from "node:fs";
import path from "node:path";

import { runChild } from "./children";
import { ToolchainError } from "./errors";
import { projectRoot } from "./locations";
import type { Toolchain } from "./ensure";

/** A path in the clone. */
export function inClone(...parts: readonly string[]): string {
  return path.join(projectRoot(), ...parts);
}

/** Node.js 24, a dependency of the clone; it runs us. */
export function node24(): string {
  return process.execPath;
}

const scripts = {
  mocha: ["mocha", "bin", "mocha.js"],
  depcruise: ["dependency-cruiser", "bin", "dependency-cruiser.mjs"],
  eslint: ["eslint", "bin", "eslint.js"],
  prettier: ["prettier", "bin", "prettier.cjs"],
};

/** The script behind a development tool of the clone. */
export function tool(name: keyof typeof scripts): string {
  return inClone("node_modules", ...scripts[name]);
}

/** Gives the environment to run in; it has the engine where that is needed. */
export async function setUp({
  engine = false,
}: {
  readonly engine?: boolean;
}): Promise<NodeJS.ProcessEnv> {
  const tools = inClone("node_modules", ".bin");
  if (!engine) return environmentWith([tools]);
  const pulumiBin = await ensureEngine(environmentWith([tools]));
  // The engine's folder comes first: .bin has npm's launcher of the same name.
  return { ...environmentWith([pulumiBin, tools]), KEYTURN_PULUMI_BIN: pulumiBin };
}

/** Makes sure of the engine in a process of its own, since Node.js reads the proxy's settings as it starts. */
async function ensureEngine(environment: NodeJS.ProcessEnv): Promise<string> {
  const behindProxy = (environment["HTTPS_PROXY"] ?? environment["https_proxy"]) !== undefined;
  const { code, stdout } = await runChild(
    node24(),
    [inClone("dist", "packages", "toolchain", "ensure.js")],
    {
      cwd: inClone(),
      env: { ...environment, ...(behindProxy ? { NODE_USE_ENV_PROXY: "1" } : {}) },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  if (code !== 0) throw new ToolchainError(""); // it has said why
  return (JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Toolchain).pulumiBin;
}

/** The environment of everything that is run: the given folders first on PATH, no update check. */
function environmentWith(folders: readonly string[]): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const name = Object.keys(environment).find((each) => each.toUpperCase() === "PATH") ?? "PATH";
  const rest = (environment[name] ?? "").split(path.delimiter).filter((each) => each !== "");
  environment[name] = [...folders.filter((each) => existsSync(each)), ...rest].join(path.delimiter);
  return environment;
}

/** The environment for Go's tests and checks: the flags of the build, so that they share its cache. */
export function goEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...environment,
    CGO_ENABLED: "0",
    GOFLAGS: "-mod=readonly -buildvcs=false -trimpath -tags=osusergo,grpcnotrace",
    GOTOOLCHAIN: "local",
    GOWORK: "off",
  };
}
