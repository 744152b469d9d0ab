// Presets are valid data, and an override replaces one field and no other.
import assert from "node:assert/strict";
import { overlay, presetSchema } from "../../components/pure/preset";
import { presets } from "../../presets";

describe("presets", () => {
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
