// What an audit says to a person.
import assert from "node:assert/strict";
import { type Audit, isViolated, renderAudit } from "../../audit/text";

const finding = { rule: "r", urn: "u", message: "m" };
const audit: Audit = { of: ["stack dev"], day: "2026-11-21", rules: 25, findings: [] };
const credential = {
  keyId: "22222222",
  displayName: "by hand",
  of: "application" as const,
  startDate: "2026-01-01T00:00:00Z",
  endDate: "2028-01-01T00:00:00Z",
};

describe("what an audit says", () => {
  it("is whether the stack manages each secret", () => {
    const text = (managed: { managed?: boolean }) =>
      renderAudit({ ...audit, credentials: [{ ...credential, ...managed }] });
    assert.match(
      text({ managed: false }),
      /by hand +22222222 +application +2026-01-01 +2028-01-01 +no resource of this stack/,
    );
    assert.match(text({ managed: true }), /this stack/);
    assert.match(text({}), /not asked/);
  });

  it("is mandatory findings first and notes last", () => {
    const text = renderAudit({
      ...audit,
      findings: [
        { ...finding, kind: "note", level: "advisory" },
        { ...finding, kind: "violation", level: "advisory" },
        { ...finding, kind: "violation", level: "mandatory" },
      ],
    });
    assert.match(
      text,
      /25 rules, 2 violations, 1 note\n\nmandatory {2}r\n[^]*advisory {2}r\n[^]*note {2}r\n/,
    );
  });

  it("is a failure only for what a mandatory rule found", () => {
    const with_ = (kind: "violation" | "note", level: "mandatory" | "advisory") =>
      isViolated({ ...audit, findings: [{ ...finding, kind, level }] });
    assert(with_("violation", "mandatory"));
    assert(!with_("violation", "advisory"));
    assert(!with_("note", "advisory"));
    assert(!isViolated(audit));
  });

  it("holds no character that a terminal obeys, whatever somebody called a secret", () => {
    const displayName = "by\u001b[2Jhand";
    const text = renderAudit({ ...audit, credentials: [{ ...credential, displayName }] });
    assert(!text.includes("\u001b"));
  });
});
