// The rules without an engine come to what they come to behind the SDK.
import assert from "node:assert/strict";
import { type Existing, evaluate } from "../../policy/evaluate";
import { RULES } from "../../policy/rules";
import { CASES } from "./cases";
import { password } from "./cases/case";
import { type Given, TODAY, UNKNOWN, run } from "../helpers/policy-run";

const STACK: Given = { type: "pulumi:pulumi:Stack", name: "stack", inputs: {} };

function existing(given: readonly Given[]): Existing[] {
  const all = given.map(({ type, name, inputs, outputs, protect = false }) => ({
    type,
    name,
    urn: `urn:pulumi:dev::test::${type}::${name}`,
    opts: { protect },
    props: inputs,
    outputs: { ...inputs, ...outputs },
    propertyDependencies: {},
  }));
  for (const [index, { from = {} }] of given.entries()) {
    for (const [input, names] of Object.entries(from)) {
      const sources = all.filter(({ name }) => names.includes(name));
      Object.assign(all[index]?.propertyDependencies ?? {}, { [input]: sources });
    }
  }
  return all;
}

const lab = { lab: true, today: TODAY };

describe("evaluate", () => {
  it("finds in every case what the policies find, each once", () => {
    // A preview's unknowns and the engine's environment are not in a state.
    const known = CASES.filter(
      ({ given, options }) =>
        !JSON.stringify(given).includes(UNKNOWN) && options?.environment === undefined,
    );
    assert(known.length > 60);
    for (const { rule, law, given, options } of known) {
      const config = { ...options?.config };
      const settings = { ...lab, ...config["packSettings"] };
      const found = evaluate(existing([STACK, ...given]), {
        ...config,
        packSettings: settings,
      });
      const words = (ones: readonly { rule: string; kind: string; message: string }[]) =>
        [...new Set(ones.map((one) => `${one.rule} ${one.kind} ${one.message}`))].toSorted();
      assert.deepEqual(words(found), words(run(given, options)), `${rule} ${law}`);
    }
  });

  const endless = existing([password({ endDate: undefined })]);

  it("takes a rule's level from the configuration, by rule before all", () => {
    const level = (config: Record<string, unknown>) =>
      evaluate(endless, config).find(({ rule }) => rule === "passwordHasEndDate")?.level;
    assert.equal(level({}), "mandatory");
    assert.equal(level({ passwordHasEndDate: "advisory" }), "advisory");
    assert.equal(level({ passwordHasEndDate: { enforcementLevel: "advisory" } }), "advisory");
    assert.equal(level({ all: "disabled" }), undefined);
    assert.equal(level({ all: "disabled", passwordHasEndDate: "mandatory" }), "mandatory");
  });

  it("judges the pack's own configuration where there is no stack too", () => {
    const ended = { rule: "passwordHasEndDate", resource: "a", reason: "b", until: "2020-01-01" };
    const config = {
      packSettings: { exceptions: [ended] },
      passwordLifetimeAtMost: { maximumDays: "many" },
    };
    assert.deepEqual(
      evaluate([], config).map(({ rule, kind }) => [rule, kind]),
      [
        ["packSettings", "violation"],
        ["passwordLifetimeAtMost", "violation"],
      ],
    );
  });

  it("asks every rule there is", () => {
    const asked = RULES.map((rule) => rule.id).filter((id) =>
      CASES.some((one) => one.rule === id && one.kind === "failing"),
    );
    assert.equal(asked.length, RULES.length);
  });
});
