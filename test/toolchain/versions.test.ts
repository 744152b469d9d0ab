// The version list against everything that repeats it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

import { projectRoot } from "../../toolchain/locations";
import versions from "../../toolchain/versions.json";

interface Package {
  readonly engines: Record<string, string>;
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}

const read = (...parts: string[]): string =>
  readFileSync(path.join(projectRoot(), ...parts), "utf8");

describe("versions", () => {
  const manifest = JSON.parse(read("package.json")) as Package;

  it("are those that package.json pins", () => {
    for (const [name, version] of Object.entries(versions.plugins)) {
      assert.equal(manifest.dependencies[`@pulumi/${name}`], version, name);
    }
    assert.equal(manifest.dependencies["@pulumi/pulumi"], versions.pulumi);
    assert.equal(manifest.devDependencies["pulumi"], versions.pulumi);
    assert.equal(manifest.devDependencies["node"], versions.node);
    const [major, minor] = versions.nodeMinimum.split(".");
    assert.equal(manifest.engines["node"], `>=${major}.${minor}`);
  });

  it("are those that the Go modules are built from", () => {
    const engine = read("toolchain", "engine", "go.mod");
    assert.match(engine, new RegExp(`github.com/pulumi/pulumi/pkg/v3 v${versions.pulumi}\\b`));
    assert.match(engine, new RegExp(`github.com/pulumi/pulumi/sdk/v3 v${versions.pulumi}\\b`));
    assert.match(engine, new RegExp(`^go ${versions.goMinimum}$`, "m"));
    const host = read("toolchain", "language-host", "go.mod");
    assert.match(host, new RegExp(`github.com/pulumi/pulumi/sdk/v3 v${versions.pulumi}\\b`));
  });

  it("are the same for every module that both binaries use, so that the second build is short", () => {
    const modules = (file: string): Map<string | undefined, string | undefined> =>
      new Map(
        [...read("toolchain", file, "go.mod").matchAll(/^\t(\S+) (v\S+)/gm)].map((m) => [
          m[1],
          m[2],
        ]),
      );
    const engine = modules("engine");
    const host = [...modules("language-host")];
    assert.ok(host.length > 20);
    for (const [name, version] of host) {
      assert.equal(engine.get(name) ?? version, version, name);
    }
  });

  it("name each plugin as its installed package does", () => {
    for (const [name, version] of Object.entries(versions.plugins)) {
      const { pulumi } = JSON.parse(read("node_modules", "@pulumi", name, "package.json")) as {
        pulumi: { name: string; version?: string };
      };
      assert.deepEqual([pulumi.name, pulumi.version ?? version], [name, version]);
    }
  });
});
