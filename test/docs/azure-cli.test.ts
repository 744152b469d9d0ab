// Commands of the Azure CLI that ask Key Vault's control plane: one before 2.90.0 names a version of its API that ends on
// 27 February 2027, so whoever gives such a command says which CLI it needs.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { inClone } from "../helpers/paths";

/** Those of `az keyvault` itself; keys and secrets in a vault are asked for at the vault. */
const CONTROL_PLANE = /\baz keyvault (?!(?:key|secret|certificate) )[a-z-]+/g;
const NEEDED = "Azure CLI 2.90.0";
const FOLDERS = ["docs", "src", "components", "pipelines", "packages/cli", "packages/rehearsal"];

describe("a command of `az keyvault`", () => {
  const texts = [
    ...["README.md", "CONTRIBUTING.md"],
    ...FOLDERS.flatMap((folder) =>
      readdirSync(inClone(folder), { recursive: true, encoding: "utf8" })
        .filter(
          (path) => /\.(md|ts|ya?ml|sh)$/.test(path) && !/(^|\/)(test|node_modules)\//.test(path),
        )
        .map((path) => `${folder}/${path}`),
    ),
  ].map((file) => ({ file, text: readFileSync(inClone(file), "utf8") }));

  it("on a page is on one that says which CLI it needs, before the first of them or beside it", () => {
    const pages = texts.filter(({ file }) => file.endsWith(".md"));
    const given = pages.filter(({ text }) => text.search(CONTROL_PLANE) >= 0);
    assert.deepEqual(given.map(({ file }) => file).sort(), ["docs/adopting.md", "docs/backend.md"]);
    for (const { file, text } of given) {
      const [first] = text.slice(text.search(CONTROL_PLANE)).split("\n\n");
      const upTo = text.slice(0, text.search(CONTROL_PLANE)) + (first ?? "");
      assert(upTo.includes(NEEDED), file);
    }
  });

  it("in a remedy says so in the same sentence", () => {
    const lines = texts
      .filter(({ file }) => !file.endsWith(".md"))
      .flatMap(({ file, text }) => text.split("\n").map((line) => ({ file, line })))
      .filter(({ line }) => line.search(CONTROL_PLANE) >= 0);
    assert.deepEqual([...new Set(lines.map(({ file }) => file))].sort(), [
      "packages/cli/doctor/vault.ts",
      "src/decide/vault-plan.ts",
    ]);
    for (const { line } of lines) assert(line.includes(`(${NEEDED} or later)`), line.trim());
  });
});
