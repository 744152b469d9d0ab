// docs/runbook.md has every word that a red run can end with, and docs/configuration.md every output.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { KINDS } from "../../packages/cli/run/failure-kinds";
import { keyturnProgram } from "../../packages/cli/program";
import { inClone } from "../helpers/paths";

const page = readFileSync(inClone("docs/runbook.md"), "utf8");
const GREEN = ["nothingToDo", "changed", "waiting", "notNow", "notLetGo"];

/** What a section says, in this order. */
const LABELS = ["Means", "Look at", "Do", "Never"];

describe("docs/runbook.md", () => {
  const sections = new Map(
    page
      .split(/^### /m)
      .slice(1)
      .map((text) => [/^`(\w+)`/.exec(text)?.[1] ?? text, text.split(/^## /m)[0] ?? ""]),
  );

  it("has a section for every word of a red run, and names the green ones", () => {
    const red = KINDS.filter((kind) => !GREEN.includes(kind));
    assert.deepEqual([...sections.keys()].toSorted(), red.toSorted());
    const before = page.slice(0, page.indexOf("### "));
    for (const kind of GREEN) assert(before.includes(`\`${kind}\``), kind);
  });

  for (const [word, text] of sections) {
    it(`says of ${word} what it means, what to look at, what to do and what never to do`, () => {
      const found = Array.from(text.matchAll(/^- \*\*(.+?):\*\* \S/gm), ([, label]) => label);
      assert.deepEqual(found, LABELS);
    });
  }

  it("gives no command of keyturn that there is not", () => {
    const known = keyturnProgram("0").commands.map((command) => command.name());
    const given = Array.from(page.matchAll(/`keyturn ([a-z-]+)/g), ([, name = ""]) => name);
    assert(given.length > 4);
    assert.deepEqual(
      given.filter((name) => !known.includes(name)),
      [],
    );
  });
});

describe("docs/configuration.md", () => {
  it("lists every output of the program", () => {
    const text = readFileSync(inClone("docs/configuration.md"), "utf8");
    const source = readFileSync(inClone("components/stack-outputs.ts"), "utf8");
    const returned = source.slice(source.lastIndexOf("return {"));
    const names = Array.from(returned.matchAll(/^ {4}(\w+)[:,]/gm), ([, name = ""]) => name);
    assert(names.includes("history"));
    for (const name of names) assert(text.includes(`\`${name}\``), `${name} is not there`);
  });
});
