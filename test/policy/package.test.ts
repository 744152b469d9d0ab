// The pack as a package of its own: it stands on what its own package.json names, and on nothing else of the clone.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { CLONE } from "../helpers/paths";

const PACK = join(CLONE, "policy");

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
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
    const { dependencies, peerDependencies, devDependencies } = manifest(PACK);
    const used = new Set(
      imports()
        .map(([, from]) => from)
        .filter((from) => !from.startsWith(".") && !from.startsWith("node:")),
    );
    // The one without which @pulumi/policy cannot be installed.
    const peers = Object.entries(peerDependencies).filter(([name]) => name !== "@pulumi/pulumi");
    const named = [...Object.keys(dependencies), ...peers.map(([name]) => name)];
    assert.deepEqual([...used].toSorted(), named.toSorted());
    for (const [name, range] of peers) {
      assert.equal(range, `^${String(devDependencies[name])}`, name);
    }
    const ofClone = manifest(CLONE).dependencies;
    for (const [name, version] of Object.entries(dependencies)) {
      assert.equal(version, ofClone[name] ?? version, name);
    }
  });
});
