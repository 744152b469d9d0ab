// The rehearsal's report: what it says of facts, and which facts break a promise.
import assert from "node:assert/strict";
import { type RehearsalFacts, brokenPromises, renderReport } from "../rehearsal-report";

const facts: RehearsalFacts = {
  labNow: "2027-05-01T00:00:30.000Z",
  rotations: [
    {
      epoch: "2026-11",
      keyId: "11111111-1111-4111-8111-111111111111",
      stoppedAt: "2026-11-21T12:00:00.000Z",
      downtimeMs: 350,
      restarts: 1,
      failedSyncs: 0,
      documentsLost: 0,
    },
  ],
  accepted: [
    {
      displayName: "sesar 2026-11",
      keyId: "11111111-1111-4111-8111-111111111111",
      until: "2027-11-01T00:00:00Z",
      standing: "active",
    },
  ],
  lastSignIn: { keyId: "11111111-1111-4111-8111-111111111111", at: "2027-05-01T00:00:10Z" },
  nextRotation: "2027-05-01",
  noopReason: "sesar: 161 days until rotation",
  policy: { rules: 25, violations: [], exceptions: [], notes: [] },
};
const rotation = facts.rotations[0];
assert(rotation);

describe("renderReport", () => {
  it("says of each rotation the epoch, the key id, the stop and how long it lasted", () => {
    assert.match(
      renderReport(facts),
      /1 +2026-11 +11111111-\S+ +2026-11-21T12:00:00\.000Z +0\.35 s +0 +0/,
    );
  });

  it("says which secrets Entra accepts and until when", () => {
    assert.match(renderReport(facts), /sesar 2026-11 +11111111-\S+ +2027-11-01T00:00:00Z +active/);
  });

  it("says how many rules held in how many runs, and lists the exceptions in force", () => {
    const exceptions = ["keyturn-dev: exception in force until 2026-12-31: secretHasExpiry at x"];
    const text = renderReport({ ...facts, policy: { ...facts.policy, exceptions } });
    assert.match(text, /25 rules, mandatory in every run, 0 violations, 1 exceptions in force/);
    assert(text.includes("\n  keyturn-dev: exception in force until 2026-12-31"));
  });

  it("ends with the sentence of the run that changed nothing", () => {
    assert(renderReport(facts).endsWith('nothing: "sesar: 161 days until rotation"'));
  });
});

describe("brokenPromises", () => {
  it("finds none when no sync failed, no document was lost and the service restarted once", () => {
    assert.deepEqual(brokenPromises(facts), []);
  });

  it("finds what a rule of the policy pack found", () => {
    const violation = {
      rule: "secretHasExpiry",
      level: "mandatory",
      urn: "u",
      message: "x",
    } as const;
    const policy = { ...facts.policy, violations: [violation] };
    assert.deepEqual(brokenPromises({ ...facts, policy }), ["secretHasExpiry: x"]);
  });

  for (const [field, value, words] of [
    ["failedSyncs", 2, "2 failed syncs"],
    ["documentsLost", 1, "1 documents lost"],
    ["restarts", 2, "2 restarts"],
    ["restarts", 0, "0 restarts"],
  ] as const) {
    it(`names the epoch when ${field} is ${value}`, () => {
      const broken = brokenPromises({ ...facts, rotations: [{ ...rotation, [field]: value }] });
      assert.equal(broken.length, 1);
      assert.match(broken[0] ?? "", new RegExp(`epoch 2026-11: ${words}`));
    });
  }

  it("notices a service that never signed in", () => {
    const { lastSignIn, ...rest } = facts;
    assert(lastSignIn);
    assert.deepEqual(brokenPromises(rest), ["the service never signed in"]);
  });
});
