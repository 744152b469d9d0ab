// Whether an application can be adopted, and where it and the product differ.
import assert from "node:assert/strict";
import type { ApplicationReading } from "../../../src/decide/existing-application";
import { planAdoption } from "../../../src/decide/existing-application";

const CLIENT = "11111111-2222-4333-8444-555555555555";
const DEPLOYER = "22222222-2222-4333-8444-555555555555";
const application = {
  displayName: "SESAR",
  signInAudience: "AzureADMyOrg",
  declaredRoleIds: ["a", "b"],
  ownerObjectIds: [DEPLOYER],
};
const reading: ApplicationReading = {
  application,
  principal: { consentedRoleIds: ["a", "b"] },
  roleNames: { a: "A.Read", b: "B.Read", c: "C.Read", x: "X.Send" },
  deployerObjectId: DEPLOYER,
};
const adopt = (over: Partial<ApplicationReading>, permissions = ["A.Read", "B.Read"]) =>
  planAdoption(CLIENT, permissions, { ...reading, ...over });

describe("planAdoption", () => {
  it("finds no difference where permissions and consents are the product's", () => {
    assert.deepEqual(adopt({}), { differences: [], consented: ["A.Read", "B.Read"], warnings: [] });
  });

  it("lists every permission for which application and product differ, and reads with the consented ones", () => {
    const over = {
      application: { ...application, declaredRoleIds: ["a", "x"] },
      principal: { consentedRoleIds: ["b", "unknown"] },
    };
    const { differences, consented, warnings } = adopt(over, ["A.Read", "B.Read", "C.Read"]);
    assert.deepEqual(
      differences.map((one) => [one.permission, one.wanted, one.declared, one.consented]),
      [
        ["A.Read", true, true, false],
        ["B.Read", true, false, true],
        ["C.Read", true, false, false],
        ["X.Send", false, true, false],
        ["unknown", false, false, true],
      ],
    );
    assert.deepEqual(consented, ["B.Read"]);
    assert.equal(warnings.length, 5);
    assert.match(
      warnings[0] ?? "",
      /asks for A\.Read, which is declared and not consented.*Consent/,
    );
  });

  it("says that whoever does not own the application may not issue secrets on it", () => {
    const over = { application: { ...application, ownerObjectIds: [] } };
    assert.match(
      adopt(over).warnings.join(),
      new RegExp(`az ad app owner add --id ${CLIENT} --owner-object-id ${DEPLOYER}`),
    );
  });

  const refused: [what: string, over: Partial<ApplicationReading>, RegExp][] = [
    [
      "a client id that nobody has",
      { application: undefined, principal: undefined },
      /applicationClientId must be the client id of an application of this tenant.*Application \(client\) ID/,
    ],
    ["another tenant's application", { application: undefined }, /registered in this tenant/],
    [
      "a multi-tenant application",
      { application: { ...application, signInAudience: "AzureADMultipleOrgs" } },
      /single-tenant application, but SESAR has the audience AzureADMultipleOrgs/,
    ],
    [
      "an application without a service principal",
      { principal: undefined },
      new RegExp(`must have a service principal.*az ad sp create --id ${CLIENT}`),
    ],
  ];
  for (const [what, over, sentence] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(() => adopt(over), sentence);
    });
  }
});
