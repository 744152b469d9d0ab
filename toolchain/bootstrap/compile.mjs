// tsc to dist/, only when a source is newer: looking costs milliseconds, tsc costs seconds.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";

import { runChild } from "./children.mjs";
import { begin } from "./progress.mjs";
import { Failure, inClone, node24, root, tool } from "./places.mjs";

const stampFile = inClone("dist", ".keyturn-compiled.json");

/** Every file that tsc's output depends on, with its time and size. */
function inputs() {
  const { include } = JSON.parse(readFileSync(inClone("tsconfig.json"), "utf8"));
  const found = {};
  const add = (file) => {
    const facts = statSync(path.join(root, file), { throwIfNoEntry: false });
    if (facts !== undefined) found[file] = `${facts.mtimeMs} ${facts.size}`;
  };
  const walk = (folder) => {
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const file = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) {
        // Fixtures are data; nothing of them is compiled in.
        if (!["node_modules", "dist", "fixtures", "testdata"].includes(entry.name)) walk(file);
      } else if (/\.(ts|json)$/.test(entry.name)) add(file);
    }
  };
  for (const each of include) {
    if (each === "*.ts")
      readdirSync(root)
        .filter((name) => name.endsWith(".ts"))
        .forEach(add);
    else if (existsSync(path.join(root, each))) walk(each);
  }
  add("tsconfig.json");
  const lock = readFileSync(inClone("package-lock.json"));
  return { ...found, "package-lock.json": createHash("sha256").update(lock).digest("hex") };
}

const outputOf = (source) =>
  /(?<!\.d)\.ts$/.test(source) ? inClone("dist", source.replace(/\.ts$/, ".js")) : undefined;

const stamp = () => {
  try {
    return JSON.parse(readFileSync(stampFile, "utf8"));
  } catch {
    return undefined;
  }
};

/** Whether dist is what tsc makes of the sources. */
export function isCompiled() {
  const before = stamp();
  if (before === undefined) return false;
  const now = inputs();
  const names = Object.keys(now);
  return (
    names.length === Object.keys(before).length &&
    names.every((name) => now[name] === before[name]) &&
    names.map(outputOf).every((file) => file === undefined || existsSync(file))
  );
}

/** Compiles; a type error is a failure with tsc's own words. */
export async function compile() {
  const end = begin("Compiling");
  const before = stamp() ?? {};
  const now = inputs();
  const sources = Object.keys(now);
  await rm(stampFile, { force: true });
  // What tsc believes it has written may have been removed since.
  if (sources.map(outputOf).some((file) => file !== undefined && !existsSync(file))) {
    await rm(inClone("dist", ".tsbuildinfo"), { force: true });
  }
  const { code, stdout } = await runChild(node24(), [tool("tsc"), "-p", root], {
    cwd: root,
    env: process.env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (code !== 0) {
    end("failed");
    throw new Failure(
      `${stdout}The sources do not compile (tsc, above). Mend them, or check out a whole commit, and run again.`,
    );
  }
  for (const source of Object.keys(before)) {
    const output = now[source] === undefined ? outputOf(source) : undefined;
    if (output !== undefined) {
      await rm(output, { force: true });
      await rm(`${output}.map`, { force: true });
    }
  }
  await mkdir(inClone("dist"), { recursive: true });
  const temporary = `${stampFile}.${process.pid}`;
  await writeFile(temporary, JSON.stringify(now));
  await rename(temporary, stampFile);
  end("compiled");
}
