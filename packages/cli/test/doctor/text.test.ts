// What the doctor says to a person, and whether something stands in the way.
import assert from "node:assert/strict";
import { fails, isFailing, notKnown, ok, warning } from "../../doctor/finding";
import { renderExamination } from "../../doctor/text";

const findings = [
  ok("a", "Well."),
  warning("b", "Odd.", "See to it."),
  fails("c", "Wrong:\n  - twice.", "Put it right."),
  notKnown("d", "Not allowed.", "Ask."),
];

describe("what the doctor says", () => {
  it("is a heading that counts, and one line a check, whatever the text", () => {
    assert.deepEqual(renderExamination({ stack: "dev", day: "2026-11-21", findings }).split("\n"), [
      "Stack dev on 2026-11-21: 1 fails, 1 warning, 1 not known, 1 ok. Nothing was changed.",
      "ok         a: Well.",
      "warning    b: Odd. See to it.",
      "fails      c: Wrong: - twice. Put it right.",
      "not known  d: Not allowed. Ask.",
    ]);
  });

  it("holds nothing that a terminal obeys", () => {
    const text = renderExamination({
      stack: "dev",
      day: "2026-11-21",
      findings: [warning("host", "\u001b[2J", "")],
    });
    assert.ok(!text.includes("\u001b"));
  });

  it("is a failure only where a check fails", () => {
    assert.equal(isFailing(findings), true);
    assert.equal(isFailing(findings.filter(({ level }) => level !== "fails")), false);
  });
});
