// The clone's folders, and the failure that ends a command with a sentence.
import { existsSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The clone. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

/** A path in the clone. */
export const inClone = (...parts) => path.join(root, ...parts);

/** Node.js 24, a dependency of the clone. */
export const node24 = () => {
  const binary = inClone("node_modules", "node", "bin", "node");
  return process.platform === "win32" ? `${binary}.exe` : binary;
};

/** The script behind a development tool of the clone. */
export const tool = (name) =>
  ({
    tsc: inClone("node_modules", "typescript", "bin", "tsc"),
    mocha: inClone("node_modules", "mocha", "bin", "mocha.js"),
    eslint: inClone("node_modules", "eslint", "bin", "eslint.js"),
    prettier: inClone("node_modules", "prettier", "bin", "prettier.cjs"),
  })[name];

/** Ends the command with one sentence and an exit code. */
export class Failure extends Error {
  constructor(message, code = 1) {
    super(message);
    this.code = code;
  }
}

/** What a file system's refusal to write means. */
export function writeFailure(error, folder) {
  if (error.code === "ENOSPC" || error.code === "EDQUOT") {
    return new Failure(
      `The disk is full: ${folder} could not be written. Free some space and run again.`,
    );
  }
  if (["EACCES", "EPERM", "EROFS"].includes(error.code)) {
    return new Failure(
      `${folder} cannot be written (${error.code}). Make it writable for you and run again.`,
    );
  }
  return error;
}

/** The environment of everything that is run: the given folders first on PATH, no update check. */
export function environmentWith(folders) {
  const environment = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const name = Object.keys(environment).find((each) => each.toUpperCase() === "PATH") ?? "PATH";
  const rest = (environment[name] ?? "").split(path.delimiter).filter((each) => each !== "");
  environment[name] = [...folders.filter(existsSync), ...rest].join(path.delimiter);
  return environment;
}

/** The environment for Go's tests and checks: the flags of the build, so that they share its cache. */
export const goEnvironment = (environment) => ({
  ...environment,
  CGO_ENABLED: "0",
  GOFLAGS: "-mod=readonly -buildvcs=false -trimpath -tags=osusergo,grpcnotrace",
  GOTOOLCHAIN: "local",
  GOWORK: "off",
});
