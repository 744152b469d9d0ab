// docs/presets.md is held to the presets: a row for each, its kind, and the pages that the file itself says it replaces.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { presets } from "../../src/presets";
import { CLONE } from "../helpers/paths";

const read = (name: string): string => readFileSync(join(CLONE, name), "utf8");
const rows = read("docs/presets.md")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "")));

/** The titles of pages that a text names. */
const titlesIn = (text: string): string[] => text.match(/"[^"]+"/g) ?? [];

describe("docs/presets.md", () => {
  it("has one row for every preset, with its kind, in the presets' order", () => {
    assert.deepEqual(
      rows.map(([name, kind]) => `${name} ${kind}`),
      Object.entries(presets).map(([name, { kind }]) => `\`${name}\` ${kind}`),
    );
  });

  for (const [name = "", , pages = "", ...rest] of rows) {
    it(`says which pages ${name} replaces, those that its file names, and what is known and not known`, () => {
      const [purpose = ""] =
        /^(\/\/ .*\n)+/.exec(read(`src/presets/${name.replaceAll("`", "")}.ts`)) ?? [];
      const sentence =
        /Replaces (?:[^".]|"[^"]*")*/.exec(purpose.replaceAll("\n// ", " "))?.[0] ?? "";
      assert.deepEqual(titlesIn(pages), titlesIn(sentence));
      assert(titlesIn(pages).length > 0);
      assert(rest.length === 2 && rest.every((cell) => cell !== ""));
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
