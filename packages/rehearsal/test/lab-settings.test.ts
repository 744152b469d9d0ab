// What of the lab's environment the engine gets.
import assert from "node:assert/strict";
import { engineEnvironment } from "../lab-settings";

const LAB = { ARM_CLIENT_ID: "id", ARM_CLIENT_SECRET: "s3cret" };

describe("engineEnvironment", () => {
  it("leaves the deploying identity's secret out where the lab's azuread stand-in is attached", () => {
    const environment = engineEnvironment({
      ...LAB,
      PULUMI_DEBUG_PROVIDERS: "azure-native:1,azuread:2",
    });
    assert.equal(environment["ARM_CLIENT_SECRET"], undefined);
    assert.equal(environment["ARM_CLIENT_ID"], "id");
  });

  it("gives it to the engine where the vendor's azuread plugin needs it", () => {
    const environment = engineEnvironment({ ...LAB, PULUMI_DEBUG_PROVIDERS: "azure-native:1" });
    assert.equal(environment["ARM_CLIENT_SECRET"], "s3cret");
  });
});
