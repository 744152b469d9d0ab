// What the two packages hold, as `npm pack` makes them: what runs in somebody's own program, its types, and nothing else.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join, posix } from "node:path";
import { type PackageName, type Packed, pack } from "../helpers/packages";
import { inClone } from "../helpers/paths";

const PACK_TIMEOUT_MS = 180_000;
/** Where the policy pack meets the engine, which a program of Keyturn's does not. */
const OF_THE_ENGINE = ["policy/index.ts", "policy/pack.ts", "policy/run.ts"];
const HOST_SCRIPTS = ["setup", "update"].flatMap((name) => [`host/${name}.ps1`, `host/${name}.sh`]);
/** npm puts these into every package. */
const OF_NPM = ["package.json", "README.md", "LICENSE"];

/** The sources of a folder, as paths in the clone. */
function sourcesIn(folder: string): string[] {
  return readdirSync(inClone(folder), { recursive: true, encoding: "utf8" })
    .map((file) => posix.join(folder, file.replaceAll("\\", "/")))
    .filter((file) => file.endsWith(".ts") && !/\.d\.ts$|\/(dist|test|node_modules)\//.test(file));
}

const compiled = (file: string): string => file.replace(/\.ts$/, ".js");
const isTypes = (file: string): boolean => file.endsWith(".d.ts");
const bytesOf = (files: readonly string[]): number =>
  files.reduce((sum, file) => sum + statSync(inClone(file)).size, 0);

describe("the packages", function () {
  this.timeout(PACK_TIMEOUT_MS);
  let folder: string;
  const packed = new Map<PackageName, Packed>();
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "keyturn-pack-"));
    for (const name of ["keyturn", "keyturn-policy"] as const) packed.set(name, pack(name, folder));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const of = (name: PackageName): Packed => packed.get(name) as Packed;

  const program = ["components", "src", "packages/cli", "policy"].flatMap(sourcesIn);
  const runs = program.filter((file) => !OF_THE_ENGINE.includes(file));
  const steps = Object.keys(
    JSON.parse(readFileSync(inClone("src", "steps", "keys.json"), "utf8")) as object,
  );

  it("hold the compiled program, the command and the host scripts, with no test, no lab and no source", () => {
    const found = of("keyturn").files.filter((file) => !isTypes(file));
    const wanted = [
      ...[...runs.map(compiled), ...steps].map((file) => `dist/${file}`),
      ...HOST_SCRIPTS,
      ...OF_NPM,
    ];
    assert.deepEqual(found, wanted.toSorted());
  });

  it("hold the types of whatever can be imported, down to the last one that those mention", () => {
    const { files } = of("keyturn");
    const types = files.filter(isTypes);
    const text = (file: string): string =>
      execFileSync("tar", ["-xzOf", of("keyturn").archive, `package/${file}`], {
        encoding: "utf8",
      });
    const waiting = ["components/index", "src/presets/index", "src/observe/own-stack"].map(
      (file) => `dist/${file}.d.ts`,
    );
    const reached = new Set<string>();
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      if (reached.has(file)) continue;
      reached.add(file);
      assert(types.includes(file), `${file} is mentioned, and not packed`);
      for (const [, path = ""] of text(file).matchAll(/(?:from|import\() ?"(\.[^"]+)"/g)) {
        const base = posix.join(posix.dirname(file), path);
        const found = [`${base}.d.ts`, `${base}/index.d.ts`].find((one) => types.includes(one));
        waiting.push(found ?? `${base}.d.ts`);
      }
    }
    assert.deepEqual(types, [...reached].toSorted());
  });

  it("hold the policy pack compiled, its rules' page and how the engine enters", () => {
    const found = of("keyturn-policy").files;
    const js = sourcesIn("policy").map((file) => posix.join("dist", compiled(file).slice(7)));
    const wanted = [
      ...js,
      ...js.map((file) => file.replace(/\.js$/, ".d.ts")),
      ...["PulumiPolicy.yaml", "RULES.md", "main.cjs", "package.json"],
    ];
    assert.deepEqual(found, wanted.toSorted());
  });

  it("are less than half of the sources that they are made of", () => {
    const sources = {
      keyturn: bytesOf([...runs, ...HOST_SCRIPTS, "README.md"]),
      "keyturn-policy": bytesOf([...sourcesIn("policy"), "policy/RULES.md"]),
    };
    for (const [name, { bytes, files }] of packed) {
      const kinds = new Map<string, number>();
      for (const file of files) {
        const kind = isTypes(file) ? ".d.ts" : extname(file) || file;
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
      const counts = [...kinds].map(([kind, count]) => `${count} ${kind}`);
      process.stdout.write(
        `      ${name}: ${Math.round(bytes / 1024)} KiB packed, ${files.length} files (${counts.join(", ")}), ` +
          `${Math.round((100 * bytes) / sources[name])} % of its sources\n`,
      );
      assert(bytes < sources[name] / 2, `${name} has ${bytes} bytes, its sources ${sources[name]}`);
    }
  });
});
