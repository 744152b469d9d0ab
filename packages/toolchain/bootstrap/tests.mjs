// The tests: the language host's in Go, and mocha's tiers. The last line says the sum of all.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";

import { interrupted, runChild } from "../../../dist/packages/toolchain/children.js";
import { ToolchainError as Failure } from "../../../dist/packages/toolchain/errors.js";
import {
  goEnvironment,
  inClone,
  node24,
  setUp,
  tool,
} from "../../../dist/packages/toolchain/set-up.js";
import { runOnceMore } from "./once-more.mjs";

const languageHost = inClone("packages", "toolchain", "language-host");

/**
 * The tiers, told by the ending of a test's file, each with what it needs beside the compiled tests and where it looks.
 * The files of `first` begin first, since they take longest; `jobs` files run at a time.
 */
export const tiers = {
  test: {
    ending: ".test.ts",
    needs: { engine: true },
    jobs: 2,
    first: ["test/e2e/", "test/host/"],
  },
  "test:full": {
    ending: ".full.ts",
    needs: { engine: true },
    go: true,
    jobs: 2,
    first: ["test/host/kill", "test/e2e/host/", "test/host/", "test/e2e/"],
  },
  "test:long": { ending: ".long.ts", needs: { engine: true }, jobs: 1 },
  "test:host": {
    ending: /\.(test|full)\.ts$/,
    under: "test/host/",
    needs: {},
    jobs: 2,
    environment: { HOST_ALL_SHELLS: "true" },
  },
  // One at a time: each file has a Windows of its own.
  "test:windows": { ending: ".windows.ts", needs: {}, jobs: 1 },
  "test:language-host": { needs: {}, go: true },
};

/** Runs a tier and gives the exit code; further arguments go to mocha, files by the names of their sources. */
export async function runTests(tier, args) {
  const { needs, ending, environment } = tier;
  const total = { passed: 0, failed: 0, skipped: 0 };
  const add = (counts) => Object.keys(total).forEach((key) => (total[key] += counts[key]));
  const begun = Date.now();
  try {
    const env = { ...(await setUp(needs)), ...environment };
    // Whoever names files or titles wants those, not the language host's.
    if (tier.go && args.length === 0) add(await goTests(env));
    if (ending !== undefined) add(await mochaTests(mochaArguments(tier, args), env));
  } catch (error) {
    if (interrupted() !== undefined || !(error instanceof Failure)) throw error;
    if (error.message !== "") process.stderr.write(`${error.message}\n`);
    total.failed += 1;
  }
  const seconds = Math.round((Date.now() - begun) / 1000);
  const name = Object.keys(tiers).find((each) => tiers[each] === tier);
  process.stdout.write(
    `\n${name} took ${Math.floor(seconds / 60)} min ${seconds % 60} s, setting up included.\n`,
  );
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
  process.stdout.write(`${total.passed} passed, ${total.failed} failed${skipped}\n`);
  return total.failed > 0 ? 1 : 0;
}

/** A tier's files, or those that are named, compiled; what else was given stays as it is. */
function mochaArguments(tier, args) {
  const isTitle = (index) => /^(-g|-f|--grep|--fgrep)$/.test(args[index - 1] ?? "");
  const sources = args.map((arg, index) => (isTitle(index) ? undefined : sourcesNamed(arg)));
  const named = sources.flatMap((one) => one ?? []);
  const files = named.length > 0 ? named : filesOf(tier);
  const others = args.filter((_, index) => sources[index] === undefined);
  const jobs = files.length > 1 && tier.jobs > 1 ? ["--parallel", "--jobs", `${tier.jobs}`] : [];
  return [...jobs, ...files.map(compiledOf), ...others];
}

/** The sources that an argument names: a file, or a folder with all its tests, of whatever tier. */
function sourcesNamed(arg) {
  if (arg.startsWith("-")) return undefined;
  const name = path.relative(inClone(), path.resolve(inClone(), arg)).replaceAll("\\", "/");
  if (arg.endsWith(".ts")) return [name];
  if (!statSync(inClone(name), { throwIfNoEntry: false })?.isDirectory()) return undefined;
  return testFiles().filter((file) => file.startsWith(`${name}/`));
}

const compiledOf = (source) => path.join("dist", source.replace(/\.ts$/, ".js"));

function filesOf({ ending, under = "", first = [] }) {
  const isOfTier = (file) =>
    (typeof ending === "string" ? file.endsWith(ending) : ending.test(file)) &&
    file.startsWith(under);
  const rank = (file) => {
    const index = first.findIndex((start) => file.startsWith(start));
    return index === -1 ? first.length : index;
  };
  return testFiles()
    .filter(isOfTier)
    .sort((one, other) => rank(one) - rank(other));
}

/** Every file of tests in the clone, whatever its tier. */
export function testFiles() {
  const packages = readdirSync(inClone("packages")).map((name) => `packages/${name}/test`);
  return ["test", ...packages]
    .filter((folder) => existsSync(inClone(folder)))
    .flatMap((folder) =>
      readdirSync(inClone(folder), { recursive: true, encoding: "utf8" })
        .filter((file) => /\.(test|full|long|windows)\.ts$/.test(file))
        .map((file) => `${folder}/${file.replaceAll("\\", "/")}`)
        .sort(),
    );
}

async function mochaTests(args, env) {
  const first = await runMocha(args, env);
  const second = await runOnceMore(first, (again) => runMocha(again, env));
  return second ?? first.counts;
}

/** Runs mocha, and gives the counts with the suites that failed. */
async function runMocha(args, env) {
  const colour = process.stdout.isTTY ? ["--color"] : [];
  const folder = mkdtempSync(path.join(tmpdir(), "keyturn-suites-"));
  const kept = path.join(folder, "failed.json");
  let text = "";
  try {
    const { code } = await runChild(node24(), [tool("mocha"), ...colour, ...args], {
      cwd: inClone(),
      env: { ...env, KEYTURN_FAILED_SUITES: kept },
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
    const suites = existsSync(kept) ? JSON.parse(readFileSync(kept, "utf8")) : [];
    // mocha itself failed: nothing to run, a file that does not load.
    if (code !== 0 && counts.failed === 0) return { counts: { ...counts, failed: 1 }, suites: [] };
    return { counts, suites };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
