// Whether the directory's policies let the next secret be issued.
import assert from "node:assert/strict";
import { type PolicyFacts, policyFindings, tenantPolicy } from "../../doctor/management-policy";

const ADDITION = { restrictionType: "passwordAddition" };
const life = (maxLifetime: string) => ({ restrictionType: "passwordLifetime", maxLifetime });
const tenant = (...passwordCredentials: object[]) =>
  tenantPolicy.parse({ isEnabled: true, applicationRestrictions: { passwordCredentials } });
const WELL: PolicyFacts = {
  tenant: tenant(),
  application: [],
  createdAt: new Date("2026-05-01T00:00:00Z"),
  now: new Date("2026-11-21T00:00:00Z"),
  lifetime: "P12M",
};
const said = (changes: Partial<PolicyFacts>): string[] =>
  policyFindings({ ...WELL, ...changes })
    .filter(({ level }) => level !== "ok")
    .map(({ level, says }) => `${level}: ${says}`);
const own = (
  ...passwordCredentials: { restrictionType: string; state?: string; maxLifetime?: string }[]
) => ({
  id: "p",
  displayName: "exempt",
  isEnabled: true,
  restrictions: { passwordCredentials },
});

describe("the doctor on directory policies", () => {
  it("finds nothing where there is none, or it is not enabled", () => {
    assert.deepEqual(said({}), []);
    const off = tenantPolicy.parse({
      isEnabled: false,
      applicationRestrictions: { passwordCredentials: [ADDITION] },
    });
    assert.deepEqual(said({ tenant: off }), []);
  });

  it("fails where secrets are forbidden, and shows the way to an exemption", () => {
    assert.deepEqual(said({ tenant: tenant(ADDITION) }), [
      "fails: the tenant's default policy forbids client secrets.",
    ]);
    const [found] = policyFindings({ ...WELL, tenant: tenant(ADDITION) });
    assert.match(found?.remedy ?? "", /app management policy of its own/);
  });

  for (const [maxLifetime, refused] of [
    ["P90D", true],
    ["P364D", true],
    ["P365D", false],
    ["P1Y", false],
    ["P2Y", false],
  ] as const) {
    it(`${refused ? "fails" : "finds nothing"} for a year where ${maxLifetime} is the most`, () => {
      assert.equal(said({ tenant: tenant(life(maxLifetime)) }).length, refused ? 1 : 0);
    });
  }

  it("takes a restriction for what it is: disabled, or for applications made after a day", () => {
    assert.deepEqual(said({ tenant: tenant({ ...ADDITION, state: "disabled" }) }), []);
    const after = (day: string) =>
      tenant({ ...ADDITION, restrictForAppsCreatedAfterDateTime: `${day}T00:00:00Z` });
    assert.deepEqual(said({ tenant: after("2026-06-01") }), []);
    assert.equal(said({ tenant: after("2026-04-01") }).length, 1);
    assert.equal(said({ tenant: after("2026-06-01"), createdAt: undefined }).length, 1);
  });

  it("takes the application's own word before the tenant's, in what it names", () => {
    const general = tenant(ADDITION, life("P90D"));
    const exempt = own({ ...ADDITION, state: "disabled" });
    const left = said({ tenant: general, application: [exempt] });
    assert.equal(left.length, 1);
    assert.match(left[0] ?? "", /P90D at most/);
    const off = { ...exempt, isEnabled: false };
    assert.equal(said({ tenant: general, application: [off] }).length, 2);
    const stricter = said({ application: [own(life("P30D"))] });
    assert.match(stricter[0] ?? "", /the application's policy exempt lets .* P30D at most/);
  });
});
