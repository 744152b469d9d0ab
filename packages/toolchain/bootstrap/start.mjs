// What must be there before anything of ours can run: npm's packages, and our own sources compiled, one process at a time
// in a clone; it says nothing when all is there. Then the command, which is packages/toolchain/main.ts, under Node.js 24.
import { mkdirSync } from "node:fs";
import process from "node:process";

import { interruption, run, throwIfInterrupted } from "./child.mjs";
import { compile, isCompiled } from "./compile.mjs";
import { takeLock } from "./lock.mjs";
import { installPackages, packagesAreCurrent } from "./packages.mjs";
import { Failure, inClone, node24 } from "./places.mjs";

/** Sets up, runs the command and ends the process with its exit code. */
export async function start(args) {
  try {
    if (!packagesAreCurrent() || !isCompiled()) await setUp();
    const main = inClone("dist", "packages", "toolchain", "main.js");
    process.exitCode = await run(node24, [main, ...args]);
  } catch (error) {
    const known = error instanceof Failure;
    const text = known ? error.message : error.stack;
    if (text !== "") process.stderr.write(`${text}\n`);
    process.exitCode = known ? error.code : 1;
    // Whoever ran tests reads the sum in the last line.
    if (text !== "" && /^test(:|$)/.test(args[0])) process.stdout.write("\n0 passed, 1 failed\n");
  }
}

async function setUp() {
  const release = await prepare();
  try {
    if (!packagesAreCurrent()) await installPackages();
    if (!isCompiled()) await compile();
  } catch (error) {
    throw writeFailure(error);
  } finally {
    await release();
  }
}

async function prepare() {
  try {
    mkdirSync(inClone(".toolchain"), { recursive: true });
    return await takeLock(inClone(".toolchain", "setup.lock"), {
      signal: interruption,
      onWait: (pid) =>
        process.stderr.write(
          `Another set-up of this clone (process ${pid}) is at work; waiting …\n`,
        ),
    });
  } catch (error) {
    throwIfInterrupted();
    throw writeFailure(error);
  }
}

/** What a file system's refusal to write means. */
function writeFailure(error) {
  if (error.code === "ENOSPC" || error.code === "EDQUOT") {
    return new Failure(
      `The disk is full: ${inClone()} could not be written. Free some space and run again.`,
    );
  }
  if (["EACCES", "EPERM", "EROFS"].includes(error.code)) {
    return new Failure(
      `${inClone()} cannot be written (${error.code}). Make it writable for you and run again.`,
    );
  }
  return error;
}
