// tsc to dist/, only when a source is newer than what is there: looking costs milliseconds, tsc costs seconds.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";

import { run, throwIfInterrupted } from "./child.mjs";
import { Failure, inClone, node24, root } from "./places.mjs";

/** Its time is the one at which the last compilation that went well began. */
const stampFile = inClone("dist", ".keyturn-compiled");
// Fixtures are data; nothing of them is compiled in.
const skipped = new Set(["node_modules", "dist", "fixtures", "testdata"]);

function* filesIn(name) {
  const facts = statSync(inClone(name), { throwIfNoEntry: false });
  if (facts?.isFile()) yield name;
  else if (facts?.isDirectory()) {
    for (const entry of readdirSync(inClone(name), { withFileTypes: true })) {
      if (!skipped.has(entry.name)) yield* filesIn(path.posix.join(name, entry.name));
    }
  }
}

/** What tsc's output depends on. */
function sources() {
  const { include } = JSON.parse(readFileSync(inClone("tsconfig.json"), "utf8"));
  const files = include.flatMap((each) => [...filesIn(each)]);
  return [
    ...files.filter((file) => /\.(ts|json)$/.test(file)),
    "tsconfig.json",
    "package-lock.json",
  ];
}

/**
 * The engine's state names a step by a key, which never changes; what runs is the module that the table gives. So each
 * key is a file in dist that hands on to its module.
 */
function stepFiles() {
  const table = inClone("src", "steps", "keys.json");
  if (!existsSync(table)) return [];
  return Object.entries(JSON.parse(readFileSync(table, "utf8"))).map(([key, module]) => {
    const specifier = path.posix.relative(path.posix.dirname(key), module);
    return { file: key, text: `module.exports = require(${JSON.stringify(specifier)});\n` };
  });
}

/** The scripts that belong into dist, and those that are there. */
function outputs(files) {
  const wanted = new Set(stepFiles().map(({ file }) => file));
  for (const file of files) {
    if (/(?<!\.d)\.ts$/.test(file)) wanted.add(file.replace(/\.ts$/, ".js"));
  }
  const there = new Set();
  for (const entry of existsSync(inClone("dist")) ? readdirSync(inClone("dist")) : []) {
    for (const file of filesIn(path.posix.join("dist", entry))) {
      if (file.endsWith(".js")) there.add(file.slice("dist/".length));
    }
  }
  return { wanted, there };
}

/** Whether dist is what tsc makes of the sources. */
export function isCompiled() {
  const stamp = statSync(stampFile, { throwIfNoEntry: false });
  if (stamp === undefined) return false;
  const files = sources();
  const { wanted, there } = outputs(files);
  return (
    files.every((file) => statSync(inClone(file)).mtimeMs <= stamp.mtimeMs) &&
    wanted.size === there.size &&
    [...wanted].every((file) => there.has(file))
  );
}

/** Compiles; a type error is a failure with tsc's own words. */
export async function compile() {
  process.stderr.write("Compiling (tsc) …\n");
  const began = Date.now() / 1000;
  rmSync(stampFile, { force: true });
  const { wanted, there } = outputs(sources());
  for (const file of there) {
    if (!wanted.has(file))
      for (const end of ["", ".map"]) rmSync(inClone("dist", file + end), { force: true });
  }
  const keys = stepFiles();
  const isOfTsc = (file) => keys.every((key) => key.file !== file);
  // tsc believes that what it has once written is there.
  if ([...wanted].some((file) => !there.has(file) && isOfTsc(file))) {
    rmSync(inClone("dist", ".tsbuildinfo"), { force: true });
  }
  const tsc = inClone("node_modules", "typescript", "bin", "tsc");
  // Standard output is the command's.
  const code = await run(node24, [tsc, "--build", root], { cwd: root, stdio: [0, 2, 2] });
  throwIfInterrupted();
  if (code !== 0) {
    throw new Failure(
      "The sources do not compile (tsc, above). Mend them, or check out a whole commit, and run again.",
    );
  }
  for (const { file, text } of keys) {
    mkdirSync(path.dirname(inClone("dist", file)), { recursive: true });
    writeFileSync(inClone("dist", file), text);
  }
  writeFileSync(stampFile, "");
  utimesSync(stampFile, began, began);
}
