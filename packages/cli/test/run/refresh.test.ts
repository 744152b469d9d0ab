// When a run leaves the refresh out: the engine would ask by a version of Azure's API that ends.
import assert from "node:assert/strict";
import { againstRefresh } from "../../run/refresh";
import { verdictOf } from "../../run/verdict";
import { SETTLED, outputsOf } from "../fixtures";

const resource = (token: string, name: string, azureApiVersion?: string) => ({
  urn: `urn:pulumi:production::keyturn::keyturn:index:CredentialVault$${token}::${name}`,
  type: token,
  outputs: { name, ...(azureApiVersion === undefined ? {} : { azureApiVersion }) },
});
const state = (...resources: readonly object[]): string =>
  JSON.stringify({ version: 3, deployment: { manifest: {}, resources } });

const present = [
  {
    urn: "urn:pulumi:production::keyturn::pulumi:pulumi:Stack::keyturn",
    type: "pulumi:pulumi:Stack",
  },
  resource("azure-native:keyvault/v20260201:Vault", "sesar-vault-vault", "2026-02-01"),
  resource("azure-native:eventgrid:SystemTopic", "sesar-alarm-topic", "2025-02-15"),
  // Of somebody else's program in the same stack, and of a type that is none of ours.
  resource("azure-native:keyvault:Key", "theirs", "2024-11-01"),
];
const former = [
  resource("azure-native:keyvault:Vault", "sesar-vault-vault", "2024-11-01"),
  resource("azure-native:keyvault:Secret", "sesar-client-secret-secret", "2024-11-01"),
];

describe("againstRefresh", () => {
  it("has nothing against a state at present versions, nor against an empty one", () => {
    assert.equal(againstRefresh(state(...present)), undefined);
    assert.equal(againstRefresh(state()), undefined);
    assert.equal(againstRefresh('{"version":3,"deployment":{}}'), undefined);
  });

  it("names what the state has at a version that ends", () => {
    assert.equal(
      againstRefresh(state(...present, ...former)),
      "Not refreshed first: the state has sesar-vault-vault, sesar-client-secret-secret at a version of Azure's API that ends. The update moves them, and the next run refreshes again.",
    );
  });

  it("is said in what the run came to, whether it went well or not", () => {
    const facts = {
      stack: "production",
      near: "P30D",
      changes: {},
      notRefreshed: "Not refreshed.",
    };
    const outputs = outputsOf(SETTLED);
    for (const end of [{ outputs }, { failure: { stage: "up", printed: "error: no" } as const }]) {
      assert(verdictOf({ ...facts, ...end }).details.includes("Not refreshed."));
    }
  });
});
