// The commands: what each needs to be set up, and what it runs.
import { stat } from "node:fs/promises";
import process from "node:process";

import { interrupted, interruptedFailure, runChild, watchSignals } from "./children.mjs";
import { begin } from "./progress.mjs";
import { Failure, goEnvironment, inClone, node24, tool } from "./places.mjs";
import { setUp } from "./setup.mjs";
import { runTests, tiers } from "./tests.mjs";

const commands = {
  rehearse: (args) => cli(["rehearse", ...args]),
  lab: (args) => cli(["lab", ...args]),
  keyturn: (args) => cli(args),
  bench: (args) => compiled("bench", args),
  build: async () => {
    await setUp({ engine: true });
    return 0;
  },
  check,
  ...Object.fromEntries(
    Object.entries(tiers).map(([name, tier]) => [name, (args) => runTests(tier, args)]),
  ),
};

/** Runs the command and ends the process with its exit code. */
export async function main([name = "", ...args]) {
  watchSignals();
  try {
    if (!Object.hasOwn(commands, name)) {
      throw new Failure(
        `bootstrap knows no command "${name}". Give one of ${Object.keys(commands).join(", ")}.`,
        2,
      );
    }
    process.exitCode = await commands[name](args);
  } catch (error) {
    const failure = interrupted() === undefined ? error : interruptedFailure();
    if (!(failure instanceof Failure)) {
      process.stderr.write(`${error.stack}\n`);
      process.exitCode = 1;
      return;
    }
    if (failure.message !== "") process.stderr.write(`${failure.message}\n`);
    process.exitCode = failure.code;
  }
}

const cli = (args) => compiled("cli", args);

/** Runs a part's compiled main file with the engine at hand. */
async function compiled(part, args) {
  const env = await setUp({ engine: true });
  const file = inClone("dist", part, "main.js");
  await stat(file).catch(() => {
    throw new Failure(`${file} is not there. Run npm run build and look for its errors.`);
  });
  const { code } = await runChild(node24(), [file, ...args], { env });
  return code;
}

/** Format, lint, types, and the Go sources' own where Go is there: all of them, then the verdict. */
async function check() {
  const env = await setUp({});
  const steps = [
    ["format", node24(), [tool("prettier"), "--check", "--log-level=warn", "."]],
    ["lint", node24(), [tool("eslint"), "."]],
    ["types", node24(), [tool("tsc"), "--noEmit", "--incremental", "false", "-p", "."]],
    ["Go", "go", ["vet", "./..."], inClone("toolchain", "language-host")],
  ];
  let worst = 0;
  for (const [title, file, args, cwd = inClone()] of steps) {
    const end = begin(`Checking ${title}`);
    const result = await runChild(file, args, {
      cwd,
      env: goEnvironment(env),
    }).catch((error) => {
      if (error.code === "ENOENT" && file === "go") return undefined;
      throw error;
    });
    if (result === undefined) end("left out, there is no Go here");
    else end(result.code === 0 ? "right" : "not right");
    worst = Math.max(worst, result?.code ?? 0);
  }
  return worst === 0 ? 0 : 1;
}
