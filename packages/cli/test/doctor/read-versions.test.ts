// The doctor reads the versions of this clone, and finds in it what package.json asks for.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { inClone } from "../../../../test/helpers/paths";
import { readVersions } from "../../doctor/read-versions";

describe("the versions that the doctor reads", () => {
  it("are those of every package of Pulumi's that package.json asks for, with the pack", async () => {
    const { peerDependencies } = JSON.parse(readFileSync(inClone("package.json"), "utf8")) as {
      peerDependencies: Record<string, string>;
    };
    const { packages, pulumiAsked, policyPack } = await readVersions();
    assert(packages.length > 3);
    assert.deepEqual(
      packages.map(({ name, asked }) => [name, asked]),
      Object.entries(peerDependencies),
    );
    assert.deepEqual(
      packages.filter(({ installed }) => installed === undefined),
      [],
    );
    assert.equal(pulumiAsked, peerDependencies["@pulumi/pulumi"]);
    assert.equal(policyPack, true);
  });
});
