// Whether a reader of the vault has his right already, against the lab's Azure Resource Manager.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type Client, Cloud, GROUP, vaultPath } from "../../../packages/lab/test/arm/cloud";
import { trust } from "../../../packages/lab/test/cloud/harness";
import { AzureReader } from "../../../src/http/azure";
import { assignmentOf } from "../../../src/observe/vault-readers";

const VAULT = vaultPath("kv-readers");
const ROLE = "Key Vault Secrets User";

describe("a reader's right to the vault", () => {
  let cloud: Cloud;
  let azure: AzureReader;
  let distrust: () => void;
  before(async () => {
    cloud = await Cloud.start();
    distrust = trust(cloud.context.certificates.caPem);
    await cloud.createVault("kv-readers");
    const { armUrl: arm, vaultSuffix } = cloud.context.endpoints;
    azure = new AzureReader({ arm, vaultSuffix }, (audience) =>
      cloud.token(cloud.deployer, audience),
    );
  });
  after(async () => {
    distrust();
    await cloud.stop();
  });

  const found = ({ objectId }: Client, vaultId = VAULT): Promise<string | undefined> =>
    assignmentOf(azure, vaultId, objectId);

  it("is found on the vault itself, in whatever letters, and only for him", async () => {
    const [reader, other] = [cloud.client("reader"), cloud.client("other")];
    const guid = randomUUID();
    assert.equal(await found(reader), undefined);
    assert.equal((await cloud.assign(reader, ROLE, VAULT, guid)).status, 201);
    assert.match((await found(reader)) ?? "", new RegExp(guid));
    assert.match((await found(reader, VAULT.replace("kv-", "KV-"))) ?? "", new RegExp(guid));
    assert.equal(await found(other), undefined);
  });

  for (const [what, role, scope] of [
    ["one further up, beside which Azure makes another", ROLE, GROUP],
    ["another role on the vault", "Key Vault Reader", VAULT],
  ] as const) {
    it(`is not ${what}`, async () => {
      const reader = cloud.client("reader");
      assert.equal((await cloud.assign(reader, role, scope, randomUUID())).status, 201);
      assert.equal(await found(reader), undefined);
    });
  }
});
