// Judging the Go that is there, and the disk.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";

import { checkSpace, isOlder, type GoEnvironment } from "../go";
import { Sandbox } from "./fakes";

describe("isOlder", () => {
  for (const [version, minimum, older] of [
    ["1.26.0", "1.26.0", false],
    ["1.26", "1.26.0", false],
    ["1.26.8", "1.26.0", false],
    ["1.27.1", "1.26.5", false],
    ["2.0.0", "1.26.0", false],
    ["1.25.11", "1.26.0", true],
    ["1.9.7", "1.26.0", true],
    ["1.26rc1", "1.26.0", true],
    ["1.26.0-custom", "1.26.0", false],
  ] as const) {
    it(`says that Go ${version} is ${older ? "" : "not "}older than ${minimum}`, () => {
      assert.equal(isOlder(version, minimum), older);
    });
  }
});

describe("checkSpace", () => {
  let sandbox: Sandbox;
  let go: GoEnvironment;
  beforeEach(() => {
    sandbox = new Sandbox();
    const moduleCache = path.join(sandbox.folder, "modules");
    go = { file: "go", version: "1.26.0", moduleCache, buildCache: "/cache", variables: {} };
  });
  afterEach(() => sandbox.remove());

  it("refuses a build that has no room, and names the place and both numbers", async () => {
    const free = (place: string): Promise<number> =>
      Promise.resolve(place === "/cache" ? 2.5e9 : 50e9);
    await assert.rejects(
      checkSpace(go, sandbox.folder, free),
      /needs about 5 GB, but only 2\.5 GB are free at \/cache\. Free some space/,
    );
  });

  it("asks for less when the modules are downloaded already", async () => {
    mkdirSync(path.join(go.moduleCache, "github.com/pulumi/pulumi/pkg/v3@v3.259.0"), {
      recursive: true,
    });
    await checkSpace(go, sandbox.folder, () => Promise.resolve(2.5e9));
    await assert.rejects(
      checkSpace(go, sandbox.folder, () => Promise.resolve(0.5e9)),
      /0\.5 GB/,
    );
  });
});
