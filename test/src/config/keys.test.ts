// The config's one table: what a stack may leave out, and that Pulumi.yaml and docs/configuration.md say what the table says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CLONE } from "../../helpers/paths";
import { CONFIG_KEYS, type ConfigKey } from "../../../src/config/keys";
import { CONFIG_DOCS } from "../../docs/config-docs";

describe("CONFIG_KEYS", () => {
  for (const [file, write] of CONFIG_DOCS) {
    it(`is what ${file} says; npm run docs writes it there`, () => {
      const text = readFileSync(join(CLONE, file), "utf8");
      assert.equal(text, write(text));
    });
  }

  for (const [key, { type, default: value, check }] of Object.entries<ConfigKey>(CONFIG_KEYS)) {
    if (value === undefined) continue;
    it(`gives ${key} a default of its type that its own check takes`, () => {
      // The engine hands on every value as a text, what is structured as JSON.
      const text = typeof value === "string" ? value : JSON.stringify(value);
      assert.deepEqual(check.parse(text), value);
      const is = Array.isArray(value) ? "array" : typeof value;
      assert.equal(is, type === "integer" ? "number" : type);
    });
  }
});
