// What an audit is given from outside: what is not a configuration or a cloud is refused, never taken for a default.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cloudIn, readPackConfig } from "../../audit/given";

describe("what an audit is given", () => {
  let dir: string;
  before(() => (dir = mkdtempSync(join(tmpdir(), "keyturn-audit-"))));
  after(() => rmSync(dir, { recursive: true }));
  const config = (text: string): unknown => {
    const path = join(dir, "pack.json");
    writeFileSync(path, text);
    return readPackConfig(path);
  };

  it("is levels and settings by rule", () => {
    const given = {
      all: "mandatory",
      passwordHasEndDate: { enforcementLevel: "advisory", days: 3 },
    };
    assert.deepEqual(config(JSON.stringify(given)), given);
    assert.deepEqual(readPackConfig(undefined), {});
  });

  for (const [what, text, words] of [
    ["no JSON", "{", /it is not JSON/],
    ["a list", "[]", /at: the whole\./],
    ["a level that there is not", '{"passwordHasEndDate":"mandatry"}', /at: passwordHasEndDate\./],
    [
      "such a level among settings",
      '{"all":{"enforcementLevel":"must"},"packSettings":"off"}',
      /at: all.*, packSettings\./,
    ],
  ] as const) {
    it(`is refused when it is ${what}`, () => {
      assert.throws(() => config(text), { name: "UsageError", message: words });
    });
  }

  it("is refused when there is no such file", () => {
    assert.throws(() => readPackConfig(join(dir, "none.json")), { message: /cannot be read/ });
  });

  it("is the public cloud unless another one is named", () => {
    assert.equal(cloudIn({}), "public");
    assert.equal(cloudIn({ ARM_ENVIRONMENT: "" }), "public");
    assert.equal(cloudIn({ ARM_ENVIRONMENT: "china" }), "china");
    assert.throws(() => cloudIn({ ARM_ENVIRONMENT: "Mars" }), /one of public, usgovernment, china/);
  });
});
