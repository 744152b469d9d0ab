// Whether what is secret in Pulumi.<stack>.yaml is encrypted.
import assert from "node:assert/strict";
import { isEncrypted } from "../../doctor/encrypted";

describe("isEncrypted", () => {
  for (const [what, written, is] of [
    ["nothing", undefined, true],
    ["a value as a whole", { secure: "v1:abc" }, true],
    [
      "every value inside",
      { sesar: { privateKey: { secure: "v1:a" }, file: { secure: "v1:b" } } },
      true,
    ],
    ["a plain text", "key", false],
    [
      "one plain value among encrypted ones",
      { sesar: { privateKey: { secure: "v1:a" }, file: "x" } },
      false,
    ],
    ["a consumer of the name secure", { secure: { privateKey: "x" } }, false],
  ] as const) {
    it(`is ${is} for ${what}`, () => assert.equal(isEncrypted(written), is));
  }
});
