// The vault as it is registered: what the SDK's own class would register, under the token of another version. That an
// earlier release's vault becomes it in place is the upgrade tests' to show.
import assert from "node:assert/strict";
import { Vault } from "@pulumi/azure-native/keyvault/vault";
import { AzureVault, type AzureVaultArgs } from "../../components/azure-vault";
import { TENANT, ofType, record, report, valueOf } from "../helpers/pulumi-mocks";

const PROPERTIES: AzureVaultArgs["properties"] = {
  tenantId: TENANT,
  sku: { family: "A", name: "standard" },
  enableRbacAuthorization: true,
  enableSoftDelete: true,
  softDeleteRetentionInDays: 90,
};

describe("AzureVault", function () {
  // The vendors' SDK is loaded here first.
  this.timeout(60_000);

  it("registers what the SDK's class does, under the token of its version", async () => {
    for (const more of [{}, { publicNetworkAccess: "Disabled", enabledForDeployment: true }]) {
      const registered = record((stdin) => report(stdin, "updated"));
      const args = {
        vaultName: "kv",
        resourceGroupName: "rg",
        tags: { owner: "archive" },
        properties: { ...PROPERTIES, ...more },
      };
      const sdk = new Vault("vault", args);
      const own = new AzureVault("vault", args);
      assert.equal(await valueOf(own.name), await valueOf(sdk.name));
      const [first] = ofType(registered, "azure-native:keyvault:Vault");
      const [second] = ofType(registered, "azure-native:keyvault/v20260201:Vault");
      assert.deepEqual(second?.inputs, first?.inputs);
      assert.equal(registered.length, 2);
    }
  });
});
