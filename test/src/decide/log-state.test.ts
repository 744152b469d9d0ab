// The states of the sign-in log: which refusal is which, and that each says what to do.
import assert from "node:assert/strict";
import { logRemedy, logStanding, refusedState } from "../../../src/decide/log-state";
import { NOT_ASKED } from "../../../src/decide/sign-ins";

describe("refusedState", () => {
  const rows: [status: number, code: string, state: string, remedy: RegExp][] = [
    [
      403,
      "Authentication_MSGraphPermissionMissing",
      "rightMissing",
      /Consent to AuditLog\.Read\.All/,
    ],
    [403, "", "rightMissing", /signInLog to false/],
    [
      403,
      "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
      "licenceMissing",
      /Entra ID P1 or P2/,
    ],
    [429, "TooManyRequests", "throttled", /next run asks again/],
    [503, "ServiceUnavailable", "unread", /next run asks again/],
    [0, "", "unread", /next run asks again/],
  ];
  for (const [status, code, state, remedy] of rows) {
    it(`is ${state} at ${status} ${code}`, () => {
      const found = refusedState({ status, code });
      assert.equal(found, state);
      assert.match(logRemedy(found), remedy);
    });
  }
});

describe("logStanding", () => {
  it("gives no reason where all was read", () => {
    assert.deepEqual(logStanding({ entries: [], complete: true }), { state: "read" });
  });

  it("says why only a part was read", () => {
    assert.deepEqual(logStanding({ entries: [], complete: false, why: "a page did not come" }), {
      state: "partlyRead",
      why: "a page did not come",
    });
    assert.match(String(logStanding({ entries: [], complete: false }).why), /more entries/);
  });

  it("says how the report of credentials was found that was asked beside a part", () => {
    const part = { entries: [], complete: false };
    const refused = { uses: undefined, state: "throttled", why: "w" } as const;
    assert.deepEqual(logStanding({ ...part, activity: { uses: [] } }).report, { state: "read" });
    assert.deepEqual(logStanding({ ...part, activity: refused }).report, {
      state: "throttled",
      why: "w",
    });
  });

  it("says why nothing was read", () => {
    assert.deepEqual(logStanding({ entries: undefined, state: "throttled", why: "w" }), {
      state: "throttled",
      why: "w",
    });
    assert.equal(logStanding(NOT_ASKED).state, "notAsked");
  });
});
