// Foreign programs, one for each typical mistake, under the pack as a stranger would use it: what each declares in a preview
// is judged in process. The end-to-end tests show that the engine asks the pack the same.
import assert from "node:assert/strict";
import { RULES } from "../../policy/rules";
import { MISTAKES, type Mistake, programNames } from "./corpus/mistakes";
import { registrationsOf } from "./corpus/registrations";
import { type Said, run } from "../helpers/policy-run";

const judge = async ({ program, config = {}, environment = {} }: Omit<Mistake, "rules">) => {
  const { packSettings = {}, ...rules } = config as Record<string, object>;
  return run(await registrationsOf(program), { config: rules, environment, packSettings });
};

const violated = (said: readonly Said[]): string[] => [
  ...new Set(said.filter(({ kind }) => kind === "violation").map(({ rule }) => rule)),
];

describe("the policy pack on the corpus of foreign programs", function () {
  this.timeout(60_000);

  for (const mistake of MISTAKES) {
    const { program, rules, unknown, at } = mistake;
    const [first = ""] = rules;
    const law =
      at === "update"
        ? `notes in a preview of ${program} that ${first} is decided at the update`
        : `finds by ${first} what is wrong with ${program}`;
    it(law, async () => {
      const said = await judge(mistake);
      assert.deepEqual(violated(said).toSorted(), at === "update" ? [] : rules.toSorted());
      if (unknown !== undefined) assert(said.some(({ message }) => unknown.test(message)));
    });
  }

  it("finds nothing, and leaves nothing undecided, in a correct program", async () => {
    assert.deepEqual(await judge({ program: "correct" }), []);
  });

  it("has a program for every rule, and a rule for every program", () => {
    const rules = new Set(MISTAKES.map(({ rules: [first] }) => first));
    assert.deepEqual(
      RULES.map(({ id }) => id).filter((id) => !rules.has(id)),
      [],
    );
    assert.deepEqual(
      [...new Set(MISTAKES.map(({ program }) => program))].toSorted(),
      programNames().toSorted(),
    );
  });
});
