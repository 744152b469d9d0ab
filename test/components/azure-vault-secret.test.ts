// The vault secret as it is registered: what the SDK's own class would register, under the token of another version.
import assert from "node:assert/strict";
import { Secret } from "@pulumi/azure-native/keyvault/secret";
import { secret, unsecret } from "@pulumi/pulumi";
import { AzureVaultSecret } from "../../components/azure-vault-secret";
import { VALUE, ofType, record, report, unwrap, valueOf } from "../helpers/pulumi-mocks";

describe("AzureVaultSecret", function () {
  // The vendors' SDK is loaded here first.
  this.timeout(60_000);

  it("registers what the SDK's class does, under the token of its version, the value wrapped", async () => {
    const registered = record((stdin) => report(stdin, "updated"));
    const args = {
      vaultName: "kv",
      resourceGroupName: "rg",
      secretName: "s",
      properties: { value: secret(VALUE), attributes: { enabled: true, expires: 1_900_000_000 } },
      tags: { epoch: "2026-05" },
    };
    const sdk = new Secret("s", args);
    const own = new AzureVaultSecret("s", args);
    const addresses = [sdk, own].map(({ properties }) =>
      valueOf(unsecret(properties).apply((one) => one.secretUriWithVersion)),
    );
    assert.equal(await addresses[1], await addresses[0]);
    const [first] = ofType(registered, "azure-native:keyvault:Secret");
    const [second] = ofType(registered, "azure-native:keyvault/v20260201:Secret");
    assert.deepEqual(second?.inputs, first?.inputs);
    assert.equal(registered.length, 2);
    assert(unwrap(second?.inputs["properties"]).secret);
  });
});
