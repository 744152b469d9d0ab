// The tests: the language host's in Go, and mocha's tiers. The last line says the sum of all.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";

import { interrupted, runChild } from "./children.mjs";
import { setUp } from "./setup.mjs";
import { Failure, goEnvironment, inClone, node24, tool } from "./places.mjs";

const languageHost = inClone("toolchain", "language-host");
const endToEnd = "test/e2e/**/*.test.ts";

/** The tiers: what each needs, and which files of mocha it runs. */
export const tiers = {
  test: { needs: { engine: true }, go: true, files: ["test/**/*.test.ts"] },
  "test:unit": { needs: {}, files: ["test/**/*.test.ts"], ignore: endToEnd },
  "test:lab": { needs: { engine: true }, files: [endToEnd] },
  "test:long": { needs: { engine: true }, files: ["test/e2e/**/*.long.ts"] },
  "test:host": { needs: {}, files: ["test/host/**/*.test.ts"] },
  "test:language-host": { needs: {}, go: true },
};

/** Runs a tier and gives the exit code; further arguments go to mocha. */
export async function runTests({ needs, go = false, files, ignore }, args) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const add = (counts) => Object.keys(total).forEach((key) => (total[key] += counts[key]));
  try {
    const env = await setUp(needs);
    const named = args.some(
      (arg) => !arg.startsWith("-") && (/\.ts$/.test(arg) || existsSync(arg)),
    );
    // Whoever names files or titles wants those, not the language host's.
    if (go && args.length === 0) add(await goTests(env));
    if (files !== undefined) {
      const chosen = named ? [] : [...files, ...(ignore === undefined ? [] : ["--ignore", ignore])];
      add(await mochaTests([...chosen, ...args], env));
    }
  } catch (error) {
    if (interrupted() !== undefined || !(error instanceof Failure)) throw error;
    if (error.message !== "") process.stderr.write(`${error.message}\n`);
    total.failed += 1;
  }
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
  return total.failed > 0 ? 1 : 0;
}

async function mochaTests(args, env) {
  const colour = process.stdout.isTTY ? ["--color"] : [];
  let text = "";
  const { code } = await runChild(node24(), [tool("mocha"), ...colour, ...args], {
    cwd: inClone(),
    env,
    stdio: ["inherit", "pipe", "inherit"],
    onOutput(chunk) {
      process.stdout.write(chunk);
      text += stripVTControlCharacters(chunk);
    },
  });
  const count = (word) => Number([...text.matchAll(word)].at(-1)?.[1] ?? 0);
  const counts = {
    passed: count(/^ {2}(\d+) passing \(/gm),
    failed: count(/^ {2}(\d+) failing$/gm),
    skipped: count(/^ {2}(\d+) pending$/gm),
  };
  // mocha itself failed: nothing to run, a file that does not load.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

async function goTests(env) {
  const none = { passed: 0, failed: 0, skipped: 0 };
  const version = await runChild("go", ["env", "GOVERSION"], {
    cwd: languageHost,
    env: goEnvironment(env),
    stdio: ["ignore", "pipe", "ignore"],
  }).catch((error) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (version?.code !== 0) {
    process.stdout.write("  The language host's tests are left out: there is no Go here.\n");
    return { ...none, skipped: testNames().length };
  }
  process.stdout.write("  language host\n");
  const counts = { ...none };
  const output = new Map();
  let rest = "";
  const take = (line) => {
    let event;
    try {
      event = JSON.parse(line);
    } catch {
      return;
    }
    const { Action: action, Test: test, Output: said } = event;
    const key = test?.split("/")[0] ?? "";
    if (action === "output" || action === "build-output") {
      output.set(key, `${output.get(key) ?? ""}${said}`);
    } else if (test !== undefined && test === key) {
      if (action === "pass") {
        counts.passed += 1;
        process.stdout.write(`    ✔ ${sentence(test)}\n`);
      } else if (action === "skip") counts.skipped += 1;
      else if (action === "fail") {
        counts.failed += 1;
        process.stdout.write(`    ✘ ${sentence(test)}\n${output.get(key) ?? ""}`);
      }
    }
  };
  const { code, stderr } = await runChild("go", ["test", "-json", "./..."], {
    cwd: languageHost,
    env: goEnvironment(env),
    stdio: ["ignore", "pipe", "pipe"],
    onOutput(chunk) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop();
      lines.forEach(take);
    },
  });
  take(rest);
  if (code !== 0 && counts.failed === 0) {
    counts.failed = 1;
    process.stdout.write(`${output.get("") ?? ""}${stderr}`);
  }
  return counts;
}

const testNames = () =>
  readdirSync(languageHost)
    .filter((name) => name.endsWith("_test.go"))
    .flatMap((name) => [
      ...readFileSync(path.join(languageHost, name), "utf8").matchAll(/^func Test(?!Main\b)\w+/gm),
    ]);

/** TestRunFindsTheSdk as words. */
const sentence = (name) =>
  name
    .replace(/^Test/, "")
    .replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => ` ${letter}`)
    .replace(/(?<=\b[A-Z])(?=[A-Z][a-z])/g, " ")
    .toLowerCase();
