// What the doctor says of the versions on the machine that runs Keyturn.
import assert from "node:assert/strict";
import { type VersionFacts, versionFindings } from "../../doctor/versions";

const WELL: VersionFacts = {
  node: "24.21.0",
  nodeRange: ">=20.20",
  pulumi: "v3.259.0\n",
  pulumiAsked: "^3.259.0",
  packages: [
    { name: "@pulumi/azuread", asked: "^6.9.1", installed: "6.10.0" },
    { name: "@pulumi/command", asked: "1.2.1", installed: "1.2.1" },
  ],
  policyPack: true,
};
const faults = (changes: Partial<VersionFacts>): string[] =>
  versionFindings({ ...WELL, ...changes })
    .filter(({ level }) => level !== "ok")
    .map(({ check, level, says }) => `${level} ${check}: ${says}`);

describe("the doctor on versions", () => {
  it("finds nothing where all is as pinned, and a line for each", () => {
    assert.deepEqual(faults({}), []);
    assert.equal(versionFindings(WELL).length, 4);
  });

  for (const [what, changes, said] of [
    [
      "an old Node.js",
      { node: "20.9.0" },
      "fails Node.js: It must be 20.20 or newer, but is 20.9.0.",
    ],
    [
      "no Pulumi",
      { pulumi: undefined },
      "fails Pulumi: The program pulumi must be on PATH, but is not.",
    ],
    [
      "an old Pulumi",
      { pulumi: "v3.99.0" },
      "fails Pulumi: It must be 3.259.0 or newer, but is 3.99.0.",
    ],
    [
      "another major version of Pulumi",
      { pulumi: "v4.0.0" },
      "warning Pulumi: It is 4.0.0; Keyturn was tested with 3.259.0, another major version.",
    ],
    [
      "a Pulumi that says none",
      { pulumi: "hello" },
      "not known Pulumi: `pulumi version` does not say a version.",
    ],
    [
      "packages that are older, of another major, not the very one, and missing",
      {
        packages: [
          { name: "@pulumi/azuread", asked: "^6.9.1", installed: "6.9.0" },
          { name: "@pulumi/azure-native", asked: "^3.28.0", installed: "4.0.0" },
          { name: "@pulumi/command", asked: "1.2.1", installed: "1.3.0" },
          { name: "@pulumi/random", asked: "^4.21.1", installed: undefined },
        ],
      },
      "fails packages: @pulumi/azuread must be ^6.9.1, but is 6.9.0; @pulumi/azure-native must be ^3.28.0, but is 4.0.0; " +
        "@pulumi/command must be 1.2.1, but is 1.3.0; @pulumi/random must be ^4.21.1, but is missing.",
    ],
    [
      "no policy pack",
      { policyPack: false },
      "fails policy pack: The package keyturn-policy must be there, compiled, but is not.",
    ],
  ] as const) {
    it(`names ${what}`, () => assert.deepEqual(faults(changes), [said]));
  }

  it("takes a newer Node.js and a newer Pulumi of the same major version", () => {
    assert.deepEqual(faults({ node: "26.0.0", pulumi: "v3.300.1" }), []);
  });
});
