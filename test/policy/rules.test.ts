// Every rule on what it must pass, what it must find, and what it cannot know in a preview.
import assert from "node:assert/strict";
import { RULES } from "../../policy/rules";
import { CASES } from "./cases";
import { run } from "../helpers/policy-run";

describe("the policy pack's rules", () => {
  for (const { rule, kind, law, given, options, says = [] } of CASES) {
    it(`${rule} ${law}`, () => {
      const said = run(given, options).filter((one) => one.rule === rule);
      assert.equal(said.length, says.length, JSON.stringify(said));
      for (const [index, pattern] of says.entries()) {
        assert.match(said[index]?.message ?? "", pattern);
      }
      if (kind === "failing") assert(said.some((one) => one.kind === "violation"));
    });
  }

  it("has a passing, a failing and an unknown case for every rule", () => {
    const missing = RULES.flatMap(({ id }) =>
      (["passing", "failing", "unknown"] as const)
        .filter((kind) => !CASES.some((one) => one.rule === id && one.kind === kind))
        .map((kind) => `${id}: ${kind}`),
    );
    assert.deepEqual(missing, []);
    assert.equal(RULES.length, 26);
  });
});
