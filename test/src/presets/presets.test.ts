// Presets are valid data, and an override replaces one field and no other.
import assert from "node:assert/strict";
import { overlay, presetSchema } from "../../../src/presets/preset";
import { presets } from "../../../src/presets";

/** What the vendors' pages have people do, in the pages' order; the page's own words where it has them. */
const PAGES: Readonly<Record<string, readonly RegExp[]>> = {
  "ci-sync": [
    /CI Sync Agent Server.*CISynchronizerAgent Config Utility/,
    /Source Systems.*Azure connection/,
    /client secret.*no space, quotation mark or line break/,
    /Setup & Test.*Yes/,
    /Save/,
  ],
  "empower-self-hosted": [
    /Backend Installer/,
    /Configure/,
    /client secret/,
    /Leave everything else/,
  ],
  "empower-cloud": [/empower Support.*one-time link.*opens once/, /Support says that it is in/],
};

describe("presets", () => {
  it("has a page for each product that people serve", () => {
    const served = Object.entries(presets).filter(([, { kind }]) => kind !== "automatic");
    assert.deepEqual(Object.keys(PAGES).sort(), served.map(([name]) => name).sort());
  });

  for (const [name, order] of Object.entries(PAGES)) {
    it(`lead people through the steps of ${name}'s page, in its order`, () => {
      const preset = presets[name];
      assert(preset !== undefined && preset.kind !== "automatic");
      const { steps } = preset.handOver;
      const places = order.map((words) => steps.findIndex((step) => words.test(step)));
      assert(!places.includes(-1), steps.join("\n"));
      assert.deepEqual(
        places,
        [...places].sort((a, b) => a - b),
      );
    });
  }

  for (const [name, preset] of Object.entries(presets)) {
    it(`${name} is valid as it stands`, () => {
      assert.deepEqual(presetSchema.parse(preset), preset);
    });
  }

  it("sesar names the licence groups byte for byte as the vendor does", () => {
    const { licenceGroup, licenceMembers } = presets["sesar"] ?? assert.fail();
    assert.deepEqual(
      [licenceGroup, ...licenceMembers],
      ["SecureExchanges_Licences", "Advanced", "Eco", "No_Licence", "Pro"],
    );
  });
});

describe("overlay", () => {
  it("replaces the named fields, lists whole, and keeps every other", () => {
    const base = { a: 1, list: [1, 2], host: { x: 1, y: "" } };
    assert.deepEqual(overlay(base, { list: [3], host: { y: "z" } }), {
      a: 1,
      list: [3],
      host: { x: 1, y: "z" },
    });
  });

  it("takes false and empty text for values", () => {
    assert.deepEqual(overlay({ a: true, b: "x" }, { a: false, b: "" }), { a: false, b: "" });
  });
});
