// Sets up what a command needs, one process at a time in a clone; says nothing when all is there.
import { mkdir } from "node:fs/promises";
import process from "node:process";

import { interruption, interruptedFailure, interrupted, runChild } from "./children.mjs";
import { compile, isCompiled } from "./compile.mjs";
import { takeLock } from "./lock.mjs";
import { installPackages, packagesAreCurrent } from "./packages.mjs";
import { Failure, environmentWith, inClone, node24, writeFailure } from "./places.mjs";

/**
 * Sets up and gives the environment to run in.
 * @param {{ compiled?: boolean, engine?: boolean }} needs beside npm's packages
 */
export async function setUp({ compiled = false, engine = false }) {
  const isReady = () => packagesAreCurrent() && (!(compiled || engine) || isCompiled());
  if (!isReady()) {
    await underLock(async () => {
      if (!packagesAreCurrent()) await installPackages();
      if ((compiled || engine) && !isCompiled()) await compile();
    });
  }
  const bin = inClone("node_modules", ".bin");
  if (!engine) return environmentWith([bin]);
  const { pulumiBin } = await ensureEngine();
  // The engine's folder comes first: .bin has npm's launcher of the same name.
  return { ...environmentWith([pulumiBin, bin]), KEYTURN_PULUMI_BIN: pulumiBin };
}

async function underLock(work) {
  const folder = inClone(".toolchain");
  try {
    await mkdir(folder, { recursive: true });
    const release = await takeLock(inClone(".toolchain", "setup.lock"), {
      signal: interruption(),
      onWait: (pid) =>
        process.stderr.write(
          `Another set-up of this clone (process ${pid}) is at work; waiting …\n`,
        ),
    });
    try {
      await work();
    } finally {
      await release();
    }
  } catch (error) {
    if (interrupted() !== undefined) throw interruptedFailure();
    throw error instanceof Failure ? error : writeFailure(error, inClone());
  }
}

async function ensureEngine() {
  const env = environmentWith([inClone("node_modules", ".bin")]);
  if (env.HTTPS_PROXY !== undefined || env.https_proxy !== undefined) env.NODE_USE_ENV_PROXY = "1";
  const { code, stdout } = await runChild(node24(), [inClone("dist", "toolchain", "ensure.js")], {
    cwd: inClone(),
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (code !== 0) throw new Failure("", code); // it has said why
  return JSON.parse(stdout.trim().split("\n").at(-1));
}
