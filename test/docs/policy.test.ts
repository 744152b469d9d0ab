// docs/policy.md is held to the pack's cases and to the corpus; policy/RULES.md's comparison to the rules there are.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RULES } from "../../policy/rules";
import { MISTAKES, sentenceOf } from "../policy/corpus/mistakes";
import { CASES } from "../policy/cases";
import { CLONE } from "../helpers/paths";

const KINDS = ["passing", "failing", "unknown"] as const;
const page = readFileSync(join(CLONE, "docs", "policy.md"), "utf8");
const rules = readFileSync(join(CLONE, "policy", "RULES.md"), "utf8");

const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
const levelOf = (id: string | undefined) => RULES.find((rule) => rule.id === id)?.level ?? "";

/** The rows of the table whose head begins with those words. */
function rowsOf(text: string, head: string): string[] {
  const start = text.indexOf(`| ${head} |`);
  assert(start >= 0, head);
  return text.slice(start, text.indexOf("\n\n", start)).split("\n").slice(2);
}

describe("docs/policy.md", () => {
  it("has a row for every mistake of the corpus, with the rules that find it", () => {
    const expected = MISTAKES.map((mistake) =>
      row(
        sentenceOf(mistake),
        mistake.rules.join(", "),
        mistake.at ?? "preview",
        levelOf(mistake.rules[0]) === "mandatory" ? "refused" : "shown",
      ),
    );
    assert.deepEqual(rowsOf(page, "the mistake"), expected);
  });

  it("counts the passing, failing and unknown cases of every rule", () => {
    const count = (id: string) =>
      KINDS.map((kind) => CASES.filter((one) => one.rule === id && one.kind === kind).length);
    const expected = RULES.map(({ id }) => row(id, ...count(id)));
    assert.deepEqual(rowsOf(page, "rule"), expected);
    const whole = RULES.filter(({ id }) => count(id).every((number) => number > 0)).length;
    assert(page.includes(`${whole} of ${RULES.length} rules`), `${whole} of ${RULES.length}`);
  });
});

describe("policy/RULES.md", () => {
  it("names for every check of others the rule that answers it, or why none does", () => {
    const rows = rowsOf(rules, "check of others").map((line) => line.split("|").slice(1, -1));
    assert.equal(rows.length, 9);
    for (const [check = "", answer = ""] of rows) {
      const named = [...answer.matchAll(/\b(secret|password)[A-Z]\w+/g)].map(([name]) => name);
      assert(named.length > 0 || answer.includes("Left out: "), check);
      for (const name of named)
        assert(
          RULES.some(({ id }) => id === name),
          name,
        );
    }
  });
});
