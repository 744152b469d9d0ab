// The key of a state is named with its version wherever it is named: one without is the newest one, and the first rotation of
// the key would shut every stack.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { inClone } from "../helpers/paths";

const PAGES = [
  "README.md",
  "Pulumi.production.example.yaml",
  ...["docs", "pipelines"].flatMap((folder) =>
    readdirSync(inClone(folder), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.(md|ya?ml)$/.test(path))
      .map((path) => `${folder}/${path}`),
  ),
];
const KEY = /azurekeyvault:\/\/[^\s"`]+/g;

describe("the key of a state", () => {
  it("is named with its version on every page that names one", () => {
    const named = PAGES.flatMap((page) =>
      [...readFileSync(inClone(page), "utf8").matchAll(KEY)].map(([key]) => ({ page, key })),
    );
    assert(named.some(({ page }) => page === "docs/backend.md"));
    for (const { page, key } of named) {
      // A key's id, as the CLI of Azure says it, ends in the version.
      assert.match(key, /\/keys\/[^/]+\/<version>$|\$\{KEY_ID#https:\/\/\}$/, page);
    }
  });

  it("has its id from the key itself", () => {
    const page = readFileSync(inClone("docs/backend.md"), "utf8");
    assert.match(page, /^ {4}KEY_ID=\$\(az keyvault key show .* --query key\.kid --output tsv\)$/m);
  });
});
