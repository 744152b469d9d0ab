// The pack as a package of its own: it stands on what its own package.json names, and on nothing else of the clone.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { CLONE } from "../../cli/clone";

const PACK = join(CLONE, "policy");

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;

/** What the pack's sources import, by file. */
function imports(): [file: string, from: string][] {
  return readdirSync(PACK, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .flatMap((file) => {
      const text = readFileSync(join(PACK, file), "utf8");
      return [...text.matchAll(/\bfrom "([^"]+)"/g)].map(([, from = ""]): [string, string] => [
        file,
        from,
      ]);
    });
}

describe("the policy pack's package", () => {
  it("imports nothing from outside its folder", () => {
    const outside = imports().filter(
      ([file, from]) =>
        from.startsWith(".") && relative(PACK, join(PACK, dirname(file), from)).startsWith(".."),
    );
    assert.deepEqual(outside, []);
  });

  it("names every package that it imports, and no other version than the clone's", () => {
    const { dependencies } = manifest(PACK);
    const used = new Set(
      imports()
        .map(([, from]) => from)
        .filter((from) => !from.startsWith(".") && !from.startsWith("node:")),
    );
    assert.deepEqual([...used].toSorted(), Object.keys(dependencies).toSorted());
    const ofClone = manifest(CLONE).dependencies;
    for (const [name, version] of Object.entries(dependencies)) {
      assert.equal(version, ofClone[name] ?? version, name);
    }
  });
});
