// docs/design/procedures.md is held to the tests that it names, and to the pages that it replaces: no step without a row.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { presets } from "../../src/presets";
import { lawsOf } from "../helpers/laws";
import { CLONE } from "../helpers/paths";

const page = readFileSync(join(CLONE, "docs", "design", "procedures.md"), "utf8");
const sections = page.split(/^## /m).slice(1);

interface Row {
  readonly step: string;
  readonly does: string;
  readonly proof: string;
}

const rowsOf = (section: string): Row[] =>
  [...section.matchAll(/^\| (.+?) \| (.+?) \| (.+?) \|$/gm)]
    .map(([, step = "", does = "", proof = ""]) => ({ step, does, proof }))
    .filter(({ step }) => !/^(step or warning|-+)$/.test(step));

/** The numbered steps and the warnings of each page, in its own numbering, as the page has them. */
const STEPS = [
  [
    "1.1–1.3",
    "1.4",
    "1.5",
    "Important: the Value",
    "2 find",
    "2 stop",
    "3 find",
    "3 it must",
    "4.1",
  ]
    .concat(["4.2–4.3", "4.4", "Important: no spaces", "5.1–5.2", "Important: instance.json"])
    .concat(["Important: keep"]),
  ["1 register", "2 new", "2 choose", "2 renew", "2 note", "2 a lost", "3 note", "4 add", "4 admin"]
    .concat(["5 the group", "5 the subgroups", "6 synchronisation", "6 licences", "6 out of"])
    .concat(["6 to take", "6 a user deleted", "Be careful", "6 users"]),
  [
    "Context",
    "1.1–1.3",
    "1.4",
    "1.5",
    "Guidance",
    "1.6",
    "Data capture 1",
    "Data capture 2",
  ].concat(["2.1–2.4", "2.5", "2.6–2.8"]),
  [
    "Required permission",
    "Note: in the Cloud",
    "1–4",
    "5–8",
    "9",
    "10",
    "11 Cloud",
    "11 Support",
  ].concat(["Important", "Note: the portal", "Note: own hosting"]),
  ["Prerequisites", "1 sign", "2 find", "3 a descriptive", "3 expires", "3 copy", "Important"]
    .concat(["4 replace", "4 restart", "4 verify", "5 after", "Recommendation: keep"])
    .concat(["Recommendation: a reminder", "Notice"]),
];

describe("docs/design/procedures.md", () => {
  it("has a section for each of the five pages", () => {
    assert.equal(sections.length, STEPS.length);
  });

  for (const [index, section] of sections.entries()) {
    const title = section.split("\n", 1)[0] ?? "";
    it(`has every step and every warning of "${title}", in the page's order`, () => {
      const steps = rowsOf(section).map(({ step }) => step);
      const expected = STEPS[index] ?? [];
      assert.deepEqual(
        steps.map((step, at) => step.startsWith(expected[at] ?? "\0")),
        steps.map(() => true),
        steps.join("\n"),
      );
      assert.equal(steps.length, expected.length);
    });

    for (const { step, proof } of rowsOf(section)) {
      if (proof.startsWith("none: ")) continue;
      it(`proves "${step.slice(0, 50)}" by a test that exists`, () => {
        const [, file = "", law = ""] = /^`(\S+) › (.+)`$/.exec(proof) ?? [];
        assert(existsSync(join(CLONE, file)), proof);
        const laws = lawsOf(file);
        assert(law !== "" && laws.some((one) => one.includes(law)), `${file} has no "${law}"`);
      });
    }
  }

  it("names every preset", () => {
    for (const name of Object.keys(presets)) assert(page.includes(`\`${name}\``), name);
  });

  it("says why, wherever there is no proof", () => {
    for (const { proof } of sections.flatMap(rowsOf)) {
      assert.match(proof, /^(`.+`|none: .{10,})$/);
    }
  });
});
