// Tables of the plan at day boundaries: what is declared, what is protected, what is let go, and the words.
import assert from "node:assert/strict";
import { plan } from "../../../src/decide/plan";
import { firstAdopted, keyId, rotated, config, shortLived, waiting } from "./fixtures";

const declared = (p: ReturnType<typeof plan>): string[] =>
  p.passwords.map(({ label, role, protect }) => `${label} ${role}${protect ? " protected" : ""}`);

describe("plan", () => {
  it("issues the calendar's epoch, unprotected, when there is no history", () => {
    const p = plan("2026-05-20T08:00:00Z", config, undefined);
    assert.deepEqual(declared(p), ["2026-05 target"]);
    assert.equal(p.reason, "sesar: the first secret is 2026-05, next rotation 2026-11-01");
  });

  it("changes nothing and says why between rotations", () => {
    const p = plan("2026-09-21", config, firstAdopted);
    assert.deepEqual(declared(p), ["2026-05 target protected"]);
    assert.equal(p.reason, "sesar: 41 days until rotation");
    assert.deepEqual([p.adopted, p.attempt, p.nextRotation], [true, "1", "2026-11-01"]);
  });

  it("does not rotate on the last instant of an epoch, and rotates on the first of the next", () => {
    assert.equal(plan("2026-10-31T23:59:59.999Z", config, firstAdopted).target.label, "2026-05");
    const p = plan("2026-11-01T00:00:00Z", config, firstAdopted);
    assert.deepEqual(declared(p), ["2026-05 active protected", "2026-11 target"]);
    assert.equal(p.reason, "sesar: rotates from 2026-05 to 2026-11, next rotation 2027-05-01");
  });

  it("counts the overlap from the proven adoption, not from the calendar", () => {
    const during = plan("2026-11-17", config, rotated);
    assert.deepEqual(declared(during), ["2026-05 retiring protected", "2026-11 target protected"]);
    assert.equal(during.reason, "sesar: 165 days until rotation; 2026-05 retires until 2026-11-18");
    const after = plan("2026-11-18", config, rotated);
    assert.deepEqual(declared(after), ["2026-05 releasing", "2026-11 target protected"]);
  });

  it("keeps a retiring secret protected after its overlap while the active one is in doubt", () => {
    const [active] = [rotated.active].flatMap((epoch) => epoch ?? []);
    assert.ok(active);
    const { adoptedOn, ...epoch } = active;
    const doubt = { ...rotated, inFlight: { ...epoch, keyId: keyId(9), since: adoptedOn } };
    const p = plan("2026-12-24", config, doubt);
    assert.deepEqual(declared(p), ["2026-05 retiring protected", "2026-11 target protected"]);
    assert.equal(p.attempt, "2");
  });

  it("leaves a released epoch out", () => {
    const released = { label: "2026-05", endDate: "2027-05-01T00:00:00Z", keyId: keyId(1) };
    const p = plan("2026-11-19", config, { ...rotated, retiring: [], released: [released] });
    assert.deepEqual(declared(p), ["2026-11 target protected"]);
    assert.equal(p.reason, "sesar: 163 days until rotation; 2026-05 is removed");
  });

  it("tries again with another attempt after not now", () => {
    const p = plan("2026-11-02", config, waiting);
    assert.equal(p.attempt, "2");
    assert.equal(
      p.reason,
      "sesar: rotates from 2026-05 to 2026-11, attempt 2, next rotation 2027-05-01",
    );
  });

  it("keeps what a failed run issued until a successor is adopted, and asks every consumer again", () => {
    const issued = [
      { label: "2026-05", endDate: "2027-05-01T00:00:00Z", keyId: keyId(1) },
      { label: "2026-11", endDate: "2027-11-01T00:00:00Z", keyId: keyId(2) },
    ];
    const p = plan("2027-05-02", config, firstAdopted, issued);
    assert.deepEqual(declared(p), [
      "2026-11 skipped",
      "2026-05 active protected",
      "2027-05 target",
    ]);
    assert.equal(p.attempt, "1+2026-11");
  });

  it("does not issue a removed password again unless it is the target", () => {
    const issued = [{ label: "2026-11", endDate: "2027-11-01T00:00:00Z", keyId: keyId(2) }];
    assert.deepEqual(declared(plan("2026-11-05", config, rotated, issued)), [
      "2026-11 target protected",
    ]);
    assert.deepEqual(declared(plan("2026-11-05", config, firstAdopted, [])), ["2026-11 target"]);
    assert.deepEqual(declared(plan("2026-05-25", config, firstAdopted, [])), [
      "2026-05 target protected",
    ]);
  });

  it("says that the secret in use is gone and is issued again, once the state knows it", () => {
    const p = plan("2026-05-25", config, firstAdopted, []);
    assert.deepEqual([p.reissues, p.adopted], [true, false]);
    assert.equal(
      p.reason,
      "sesar: 2026-05 is gone from Entra and is issued again, next rotation 2026-11-01",
    );
    assert.equal(plan("2026-05-25", config, firstAdopted).reissues, false);
  });

  it("rotates at once when the generation is raised", () => {
    const p = plan("2026-06-01", { ...config, generation: 1 }, firstAdopted);
    assert.deepEqual(declared(p), ["2026-05 active protected", "2026-05-g1 target"]);
  });

  it("releases in the next run when the glass is broken with overlap PT0S", () => {
    const p = plan("2026-11-03", { ...config, overlap: "PT0S" }, rotated);
    assert.deepEqual(p.releasing, ["2026-05"]);
  });

  it("never goes back to an earlier epoch when the clock or the calendar does", () => {
    assert.equal(plan("2026-06-01", config, rotated).target.label, "2026-11");
    const slower = plan("2026-11-20", { ...config, every: "P12M", lifetime: "P24M" }, rotated);
    assert.equal(slower.target.label, "2026-11");
  });

  it("takes a shorter every up at its next epoch", () => {
    assert.equal(
      plan("2026-07-15", { ...config, every: "P1M" }, firstAdopted).target.label,
      "2026-07",
    );
  });

  it("rotates beside the calendar before a secret outlives itself under a longer every", () => {
    assert.equal(plan("2026-06-17", config, shortLived).reason, "sesar: 1 day until rotation");
    const p = plan("2026-06-18", config, shortLived);
    assert.deepEqual(declared(p), ["2026-05 active protected", "2026-06-18 target"]);
    assert.equal(p.target.endDate, "2027-06-18T00:00:00Z");
  });

  it("keeps the end date that a password was issued with when the lifetime changes", () => {
    const longer = { ...config, lifetime: "P24M" };
    assert.equal(plan("2026-06-01", longer, firstAdopted).target.endDate, "2027-05-01T00:00:00Z");
  });

  it("refuses config that do not fit, in one error", () => {
    const wrong = { ...config, overlap: "P120D", lifetime: "P6M" };
    assert.throws(
      () => plan("2026-06-01", wrong, undefined),
      /sesar: 2 problems\.\n- overlap .*\n- lifetime /,
    );
  });
});
