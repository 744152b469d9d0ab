// The stand-in's resources for the place of a state: a storage account, its blob service and a container, and a vault's key.
import assert from "node:assert/strict";

import { RESOURCE_GROUP, TENANT_ID } from "../../../cloud/seed";
import type { Properties } from "../../../plugins/provider/values";
import { at, Cloud, GROUP, vaultPath } from "../../arm/cloud";
import { AzureNative, details, type Created } from "./client";

const TYPES = {
  account: "azure-native:storage:StorageAccount",
  service: "azure-native:storage:BlobServiceProperties",
  container: "azure-native:storage:BlobContainer",
  key: "azure-native:keyvault/v20260201:Key",
};
const ACCOUNT = `${GROUP}/providers/Microsoft.Storage/storageAccounts/stkeyturn`;
const here = { resourceGroupName: RESOURCE_GROUP, accountName: "stkeyturn" };

describe("azure-native stand-in: the place of a state", () => {
  let cloud: Cloud;
  let azure: AzureNative;
  let account: Created;
  before(async () => {
    cloud = await Cloud.start();
    cloud.context.endpoints.graphUrl = "https://graph.microsoft.com";
    azure = await AzureNative.start(cloud);
    account = await azure.create(TYPES.account, "state", {
      ...here,
      kind: "StorageV2",
      sku: { name: "Standard_ZRS" },
      allowSharedKeyAccess: false,
      enableHttpsTrafficOnly: true,
    });
  });
  after(async () => {
    azure.stop();
    await cloud.stop();
  });

  const diff = (type: string, { id, inputs, properties }: Created, more: Properties = {}) =>
    azure.call("diff", {
      type,
      id,
      oldInputs: inputs,
      olds: properties,
      news: { ...inputs, ...more },
    });

  it("answers an account one level higher than Azure, and in the SDK's names", async () => {
    assert.equal(account.id, ACCOUNT);
    const { name, allowSharedKeyAccess, enableHttpsTrafficOnly, azureApiVersion } =
      account.properties;
    assert.deepEqual(
      [name, allowSharedKeyAccess, enableHttpsTrafficOnly, azureApiVersion],
      ["stkeyturn", false, true, "2024-01-01"],
    );
    assert.equal((await diff(TYPES.account, account))["changes"], "NONE");
    const moved = await diff(TYPES.account, account, { location: "northeurope" });
    assert.deepEqual(moved["replaces"], ["location"]);
  });

  it("changes the blob service that the account brought, and gives it back what a new one has", async () => {
    const service = await azure.create(TYPES.service, "state", {
      ...here,
      blobServicesName: "default",
      isVersioningEnabled: true,
      deleteRetentionPolicy: { enabled: true, days: 90 },
    });
    assert.equal(service.id, `${ACCOUNT}/blobServices/default`);
    assert.equal(service.properties["isVersioningEnabled"], true);
    assert.equal((await diff(TYPES.service, service))["changes"], "NONE");
    const { id, inputs, properties } = service;
    const request = { type: TYPES.service, id, properties, oldInputs: inputs };
    assert.equal((await azure.call("delete", request))["error"], undefined);
    const path = `${ACCOUNT}/blobServices/default`;
    const { status, body } = await cloud.arm("GET", path, { api: "2024-01-01" });
    assert.equal(status, 200);
    assert.equal(at(body, "properties", "isVersioningEnabled"), undefined);
    assert.equal(at(body, "properties", "deleteRetentionPolicy", "enabled"), false);
  });

  it("makes a container and refuses to make it twice", async () => {
    const news = { ...here, containerName: "state" };
    const container = await azure.create(TYPES.container, "state", news);
    assert.equal(container.id, `${ACCOUNT}/blobServices/default/containers/state`);
    assert.equal(container.properties["name"], "state");
    assert.equal((await diff(TYPES.container, container))["changes"], "NONE");
    await assert.rejects(azure.create(TYPES.container, "state", news), /already existing resource/);
  });

  it("makes a key whose address names its version, and says that the lab deletes none", async () => {
    await cloud.createVault("kv-state", { tenantId: TENANT_ID });
    const key = await azure.create(TYPES.key, "state", {
      resourceGroupName: RESOURCE_GROUP,
      vaultName: "kv-state",
      keyName: "state",
      properties: { kty: "RSA", keySize: 3072 },
    });
    assert.equal(key.id, `${vaultPath("kv-state")}/keys/state`);
    assert.match(String(at(key.properties, "keyUriWithVersion")), /\/keys\/state\/[0-9a-f]{32}$/);
    assert.deepEqual([key.properties["keySize"], key.properties["properties"]], [3072, undefined]);
    assert.equal((await diff(TYPES.key, key))["changes"], "NONE");
    const { id, inputs, properties } = key;
    const request = { type: TYPES.key, id, properties, oldInputs: inputs };
    assert.match(details(await azure.call("delete", request)), /deletes no key/);
  });
});
