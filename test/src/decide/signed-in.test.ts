// A run that is signed in elsewhere than the config says.
import assert from "node:assert/strict";
import { type SignedIn, signedInProblems } from "../../../src/decide/signed-in";
import { sentence } from "../../../src/problems";

const TENANT = "7d3c5e2a-8f14-4b6c-9a57-0e1d2c3b4a59";
const SUBSCRIPTION = "5b1f8c44-27d0-4c39-8e65-91a7f3d2b6c8";
const OTHER = "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9";

describe("where a run is signed in", () => {
  const problemsOf = (...plugins: SignedIn[]): string[] =>
    signedInProblems({ tenantId: TENANT, subscriptionId: SUBSCRIPTION }, plugins).map(sentence);

  it("is right by the same ids, in whatever letters, and by none", () => {
    const capitals = {
      tenantId: TENANT.toUpperCase(),
      subscriptionId: SUBSCRIPTION.toUpperCase(),
    };
    assert.deepEqual(
      problemsOf(
        { plugin: "azuread", tenantId: TENANT },
        { plugin: "azure-native", ...capitals },
        { plugin: "azure-native", tenantId: undefined, subscriptionId: "" },
      ),
      [],
    );
  });

  for (const plugin of ["azuread", "azure-native"] as const) {
    it(`is wrong when ${plugin} is in another tenant, and both are named`, () => {
      assert.deepEqual(problemsOf({ plugin, tenantId: OTHER }), [
        `tenantId must be the one that the plugin ${plugin} is signed in to, which is ${OTHER}, got ${TENANT}. Sign in to ` +
          `the right one (az login --tenant ${TENANT}, or ARM_TENANT_ID), or correct it in Pulumi.<stack>.yaml.`,
      ]);
    });
  }

  it("is wrong when the vault would be made in another subscription", () => {
    const [problem = "", ...more] = problemsOf({
      plugin: "azure-native",
      tenantId: TENANT,
      subscriptionId: OTHER,
    });
    assert.match(problem, /^subscriptionId must be the one .*az account set --subscription 5b1f/);
    assert.deepEqual(more, []);
  });

  it("says all that is wrong", () => {
    const both = { tenantId: OTHER, subscriptionId: OTHER };
    assert.equal(
      problemsOf({ plugin: "azuread", tenantId: OTHER }, { plugin: "azure-native", ...both })
        .length,
      3,
    );
  });
});
