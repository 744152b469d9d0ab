// The template of a project of one's own: its versions are those that Keyturn is tested with, and its pipelines are those of
// pipelines/, which run on the lab, but for the lines in which a project differs from a clone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { CONFIG_KEYS } from "../../src/config/keys";
import versions from "../../packages/toolchain/versions.json";
import { parse } from "yaml";
import { inClone } from "../helpers/paths";

const read = (...path: readonly string[]): string => readFileSync(inClone(...path), "utf8");
const ofTemplate = (...path: readonly string[]): string => read("docs", "template", ...path);

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
const manifest = (...path: readonly string[]): Manifest => JSON.parse(read(...path)) as Manifest;

/** By file of the template, which file of the clone's it follows. */
const PIPELINES: Readonly<Record<string, string>> = {
  ".github/workflows/keyturn.yml": "pipelines/github/keyturn.yml",
  "azure/keyturn.yml": "pipelines/azure/keyturn.yml",
  "azure/rotate.yml": "pipelines/azure/rotate.yml",
};
/** What only a clone's pipelines do: they compile, and find Pulumi themselves. */
const OF_A_CLONE = /npm rebuild|npm run|Install Node|\bBuild\b/;
/** What only a project's do. */
const OF_A_PROJECT = /Install Pulumi|set -e|curl |sha256sum|\.pulumi-cli|bin\/keyturn run/;
/** Comments, where lines begin that are told apart by themselves, and where the pack's configuration is. */
const OF_BOTH = /^#|(run|script): \|$|POLICY_PACK_CONFIG/;

describe("the template of a project", () => {
  it("has the versions that Keyturn is tested with, and its packages from beside it", () => {
    const { dependencies, devDependencies } = JSON.parse(ofTemplate("package.json")) as Manifest;
    const own = manifest("package.json");
    const pack = manifest("policy", "package.json");
    const tested: Readonly<Record<string, string>> = {
      ...own.devDependencies,
      ...pack.devDependencies,
      keyturn: `file:keyturn-${own.version}.tgz`,
      "keyturn-policy": `file:keyturn-policy-${pack.version}.tgz`,
    };
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      assert.equal(version, tested[name], name);
    }
  });

  it("asks for every key of the config that has no default but the services, which are no one line", () => {
    const { template } = parse(ofTemplate("Pulumi.yaml")) as {
      readonly template: { readonly config: Readonly<Record<string, unknown>> };
    };
    const required = Object.entries(CONFIG_KEYS).flatMap(([key, said]) =>
      "default" in said || key === "consumers" ? [] : [key],
    );
    assert.deepEqual(Object.keys(template.config).toSorted(), ["name", ...required].toSorted());
  });

  it("keeps the stacks' files in git", () => {
    assert.doesNotMatch(ofTemplate(".gitignore"), /^[^#]*Pulumi/m);
  });

  it("has the exceptions' file of the pipelines", () => {
    assert.equal(ofTemplate("policy.json"), read("pipelines", "policy.json"));
  });

  for (const [file, origin] of Object.entries(PIPELINES)) {
    it(`has ${origin} as ${file}, but for what a project does in another way`, () => {
      const lines = (text: string, not: RegExp): string[] =>
        text
          .split("\n")
          .map((line) => line.trim())
          .filter((line) => line !== "" && !not.test(line) && !OF_BOTH.test(line));
      assert.deepEqual(lines(ofTemplate(file), OF_A_PROJECT), lines(read(origin), OF_A_CLONE));
    });
  }

  it("installs the Pulumi that Keyturn is tested with, by its hash, before there is an identity", () => {
    for (const file of Object.keys(PIPELINES).filter((one) => one.endsWith("keyturn.yml"))) {
      const text = ofTemplate(file);
      assert(text.includes(`/pulumi-v${versions.pulumi}-linux-x64.tar.gz`), file);
      assert(text.includes(`echo "${versions.releases["linux-x64"]}  `), file);
      assert(
        text.indexOf("sha256sum --check") < text.search(/id-token: write|stage: rotate/),
        file,
      );
    }
  });
});
