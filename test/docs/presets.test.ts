// docs/presets.md is held to the presets: a row for each, its kind, and the pages that the file itself says it replaces.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CLONE } from "../../cli/clone";
import { presets } from "../../presets";

const read = (name: string): string => readFileSync(join(CLONE, name), "utf8");
const rows = read("docs/presets.md")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "")));

describe("docs/presets.md", () => {
  it("has one row for every preset, with its kind, in the presets' order", () => {
    assert.deepEqual(
      rows.map(([name, kind]) => `${name} ${kind}`),
      Object.entries(presets).map(([name, { kind }]) => `\`${name}\` ${kind}`),
    );
  });

  for (const [name = "", , pages = "", ...rest] of rows) {
    it(`says which page ${name} replaces, as its file does, and what is known and not known`, () => {
      const source = read(`presets/${name.replaceAll("`", "")}.ts`).replace(/\n\/\/ /g, " ");
      const titles = [...pages.matchAll(/"[^"]+"/g)].map(([title]) => title);
      assert.ok(titles.length > 0);
      for (const title of titles) assert.ok(source.includes(title), title);
      assert.match(source, /^\/\/ .*Replaces /m);
      assert.ok(rest.length === 2 && rest.every((cell) => cell.length > 40));
    });
  }

  it("sends to overrides.permissions wherever a product of people has no permissions of its own", () => {
    for (const [name, { kind, permissions }] of Object.entries(presets)) {
      const unknown = rows.find(([cell]) => cell === `\`${name}\``)?.at(-1) ?? "";
      if (kind === "automatic") continue;
      assert.equal(unknown.includes("overrides.permissions"), permissions.length === 0, name);
    }
  });
});
