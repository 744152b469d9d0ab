// The commands of the npm scripts: what each needs to be set up, and what it runs.
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { exitCodeFor, interrupted, runChild, watchSignals } from "./children";
import { ToolchainError, errorCode } from "./errors";
import { progressOn } from "./progress";
import { goEnvironment, inClone, node24, setUp, tool } from "./set-up";

type Command = (args: readonly string[]) => Promise<number>;

const commands: Readonly<Record<string, Command>> = {
  rehearse: (args) => part("rehearsal", ["rehearse", ...args]),
  lab: (args) => part("rehearsal", ["lab", ...args]),
  keyturn: (args) => part("cli", args),
  bench: (args) => part("bench", args),
  build: async () => {
    await setUp({ engine: true });
    return 0;
  },
  check,
  "fuzz:host": async (args) => {
    const env = await setUp({});
    const file = inClone("dist", "test", "host", "twins", "main.js");
    return (await runChild(node24(), [file, ...args], { env })).code;
  },
  docs: async (args) => {
    const env = await setUp({});
    const file = inClone("dist", "test", "docs", "config-docs.js");
    return (await runChild(node24(), [file, ...args], { env })).code;
  },
};

/** The tests' tiers, and what runs one. */
interface Tests {
  readonly tiers: Readonly<Record<string, object>>;
  readonly runTests: (tier: object, args: readonly string[]) => Promise<number>;
}

async function main([name = "", ...args]: readonly string[]): Promise<number> {
  if (Object.hasOwn(commands, name)) return (commands[name] as Command)(args);
  const file = inClone("packages", "toolchain", "bootstrap", "tests.mjs");
  const { tiers, runTests } = (await import(pathToFileURL(file).href)) as Tests;
  const tier = Object.hasOwn(tiers, name) ? tiers[name] : undefined;
  if (tier !== undefined) return runTests(tier, args);
  const known = [...Object.keys(commands), ...Object.keys(tiers)].join(", ");
  process.stderr.write(`bootstrap knows no command "${name}". Give one of ${known}.\n`);
  return 2;
}

/** Runs a part's main file with the engine at hand. */
async function part(name: string, args: readonly string[]): Promise<number> {
  const env = await setUp({ engine: true });
  const file = inClone("dist", "packages", name, "main.js");
  if (!existsSync(file)) {
    throw new ToolchainError(`${file} is not there. Run npm run build and look for its errors.`);
  }
  return (await runChild(node24(), [file, ...args], { env })).code;
}

/** What the layout's rules are about. */
const ROOMS = ["index.ts", "components", "src", "policy", "packages", "test"];

/** Format, lint, layout, and the Go sources' own where Go is there: all of them, then the verdict. Types are compiled by now. */
async function check(): Promise<number> {
  const env = goEnvironment(await setUp({}));
  const steps = [
    {
      title: "format",
      file: node24(),
      args: [tool("prettier"), "--check", "--log-level=warn", "."],
    },
    { title: "lint", file: node24(), args: [tool("eslint"), "."] },
    {
      title: "layout",
      file: node24(),
      args: [tool("depcruise"), "--config", "--output-type", "err-long", ...ROOMS],
    },
    {
      title: "Go",
      file: "go",
      args: ["vet", "./..."],
      cwd: inClone("packages/toolchain/language-host"),
    },
    {
      title: "Go for Windows",
      file: "go",
      args: ["vet", "./..."],
      cwd: inClone("test/host/fixtures/windows-service"),
      target: { GOOS: "windows", GOARCH: "amd64" },
    },
  ];
  const progress = progressOn(process.stderr);
  let right = true;
  for (const { title, file, args, cwd = inClone(), target } of steps) {
    progress.step(`Checking ${title}`);
    const code = await runChild(file, args, { cwd, env: { ...env, ...target } }).then(
      (result) => result.code,
      (error: unknown) => {
        if (errorCode(error) === "ENOENT" && file === "go") return undefined;
        throw error;
      },
    );
    if (code === undefined) progress.done("left out, there is no Go here");
    else progress.done(code === 0 ? "right" : "not right");
    right &&= (code ?? 0) === 0;
  }
  return right ? 0 : 1;
}

watchSignals();
main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.exitCode = exitCodeFor(error);
    if (interrupted() !== undefined) return;
    const text = error instanceof ToolchainError ? error.message : String((error as Error).stack);
    if (text !== "") process.stderr.write(`${text}\n`);
  },
);
