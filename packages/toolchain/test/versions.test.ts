// The version list against everything that repeats it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

import { projectRoot } from "../locations";
import versions from "../versions.json";

interface Package {
  readonly engines: Record<string, string>;
  readonly peerDependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}

const read = (...parts: string[]): string =>
  readFileSync(path.join(projectRoot(), ...parts), "utf8");

describe("versions", () => {
  const manifest = JSON.parse(read("package.json")) as Package;

  it("are those that package.json pins", () => {
    for (const [name, version] of Object.entries(versions.plugins)) {
      assert.equal(manifest.devDependencies[`@pulumi/${name}`], version, name);
    }
    assert.equal(manifest.devDependencies["@pulumi/pulumi"], versions.pulumi);
    assert.equal(manifest.devDependencies["pulumi"], versions.pulumi);
    assert.equal(manifest.devDependencies["node"], versions.node);
    const [major, minor] = versions.nodeMinimum.split(".");
    assert.equal(manifest.engines["node"], `>=${major}.${minor}`);
  });

  it("are the least that a program which installs Keyturn must have, and of the command SDK the only one", () => {
    const caret = Object.entries({ ...versions.plugins, pulumi: versions.pulumi }).map(
      ([name, version]): [string, string] => [`@pulumi/${name}`, `^${version}`],
    );
    // On the registry a stray 4.5.0 follows 1.2.1, and nothing says what a 1.2.2 or 1.3 would be.
    const wanted = {
      ...(Object.fromEntries(caret) as Record<string, string>),
      "@pulumi/command": versions.plugins.command,
    };
    assert.deepEqual(manifest.peerDependencies, wanted);
  });

  it("are those that the Go modules are built from", () => {
    const engine = read("packages", "toolchain", "engine", "go.mod");
    assert.match(engine, new RegExp(`github.com/pulumi/pulumi/pkg/v3 v${versions.pulumi}\\b`));
    assert.match(engine, new RegExp(`github.com/pulumi/pulumi/sdk/v3 v${versions.pulumi}\\b`));
    assert.match(engine, new RegExp(`^go ${versions.goMinimum}$`, "m"));
    const host = read("packages", "toolchain", "language-host", "go.mod");
    assert.match(host, new RegExp(`github.com/pulumi/pulumi/sdk/v3 v${versions.pulumi}\\b`));
  });

  it("have a hash for each of the vendor's releases that is downloaded, no two the same", () => {
    const hashes = Object.values(versions.releases);
    for (const hash of hashes) assert.match(hash, /^[0-9a-f]{64}$/);
    assert.equal(new Set(hashes).size, hashes.length);
    for (const name of Object.keys(versions.releases)) {
      assert.match(name, /^(linux|darwin|windows)-(x64|arm64)$/);
    }
  });

  it("have a hash in go.sum for every Go module that the binaries are made of", () => {
    for (const module of ["engine", "language-host"]) {
      const wanted = read("packages", "toolchain", module, "go.mod");
      const replaced = [...wanted.matchAll(/^replace (\S+) => (\S+) (v\S+)/gm)];
      const needed = [
        ...[...wanted.matchAll(/^\t(\S+) (v\S+)/gm)]
          .map(([, name, version]) => [name, version] as const)
          .filter(([name]) => replaced.every(([, from]) => from !== name)),
        ...replaced.map(([, , name, version]) => [name, version] as const),
      ];
      assert.ok(needed.length > 20);
      const sums = read("packages", "toolchain", module, "go.sum").split("\n");
      for (const [name, version] of needed) {
        const begins = [`${name} ${version} h1:`, `${name} ${version}/go.mod h1:`];
        assert.ok(
          sums.some((line) => begins.some((each) => line.startsWith(each))),
          `${module}: ${name} ${version}`,
        );
      }
    }
  });

  it("are the same for every module that both binaries use, so that the second build is short", () => {
    const modules = (file: string): Map<string | undefined, string | undefined> =>
      new Map(
        [...read("packages", "toolchain", file, "go.mod").matchAll(/^\t(\S+) (v\S+)/gm)].map(
          (m) => [m[1], m[2]],
        ),
      );
    const engine = modules("engine");
    const host = [...modules("language-host")];
    assert.ok(host.length > 20);
    for (const [name, version] of host) {
      assert.equal(engine.get(name) ?? version, version, name);
    }
  });

  it("are the same for the module that the Windows service of the tests shares with the language host", () => {
    const [, used] = /(golang\.org\/x\/sys v\S+)/.exec(
      read("test", "host", "fixtures", "windows-service", "go.mod"),
    ) ?? [undefined, "none"];
    assert.ok(
      read("packages", "toolchain", "language-host", "go.mod").includes(`\t${used} //`),
      used,
    );
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
