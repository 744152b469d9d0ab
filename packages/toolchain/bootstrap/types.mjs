// The types of what can be imported from the package, into dist, for `npm pack`: of now only, and only those that are
// mentioned from there on.
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import process from "node:process";

import { run } from "./child.mjs";
import { inClone, node24, root } from "./places.mjs";

const project = inClone("packages", "toolchain", "types.tsconfig.json");

function removeBut(kept) {
  for (const name of readdirSync(inClone("dist"), { recursive: true })) {
    const file = inClone("dist", name);
    if (file.endsWith(".d.ts") && !kept.has(file)) rmSync(file);
  }
}

/** The types of the files that the project names, and all that these import. */
function mentioned() {
  const { files } = JSON.parse(readFileSync(project, "utf8"));
  const waiting = files.map((file) => {
    const source = path.relative(root, path.resolve(path.dirname(project), file));
    return inClone("dist", source.replace(/\.ts$/, ".d.ts"));
  });
  const found = new Set();
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    for (const [, name] of readFileSync(file, "utf8").matchAll(/(?:from|import\() ?"(\.[^"]+)"/g)) {
      const base = path.resolve(path.dirname(file), name);
      waiting.push(existsSync(`${base}.d.ts`) ? `${base}.d.ts` : path.join(base, "index.d.ts"));
    }
  }
  return found;
}

removeBut(new Set());
const tsc = inClone("node_modules", "typescript", "bin", "tsc");
process.exitCode = await run(node24, [tsc, "-p", project], { cwd: root, stdio: [0, 2, 2] });
if (process.exitCode === 0) removeBut(mentioned());
