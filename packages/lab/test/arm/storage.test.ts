// Storage accounts, their blob service and containers over ARM; and keys of a vault, which ARM makes once.
import assert from "node:assert/strict";
import { at, Cloud, code, GROUP, message, vaultPath } from "./cloud";

const API = "2024-01-01";
const account = (name: string): string =>
  `${GROUP}/providers/Microsoft.Storage/storageAccounts/${name}`;
const accountBody = (properties: object = {}): object => ({
  location: "westeurope",
  kind: "StorageV2",
  sku: { name: "Standard_ZRS" },
  properties: { allowSharedKeyAccess: false, minimumTlsVersion: "TLS1_2", ...properties },
});

describe("ARM storage", () => {
  let cloud: Cloud;
  const send = (method: string, path: string, body?: unknown, api = API) =>
    cloud.arm(method, path, { api, ...(body !== undefined && { body }) });
  before(async () => {
    cloud = await Cloud.start();
    assert.equal((await send("PUT", account("stkeyturn"), accountBody())).status, 200);
  });
  after(() => cloud.stop());

  it("gives back what an account was given, and what the service says of a new one", async () => {
    const { body } = await send("GET", account("stkeyturn"));
    assert.deepEqual(
      ["allowSharedKeyAccess", "allowBlobPublicAccess", "minimumTlsVersion", "accessTier"].map(
        (name) => at(body, "properties", name),
      ),
      [false, false, "TLS1_2", "Hot"],
    );
    assert.deepEqual(at(body, "sku"), { name: "Standard_ZRS", tier: "Standard" });
    assert.equal(at(body, "id"), account("stkeyturn"));
  });

  it("refuses a property of an account that the lab does not have, and a version that Azure has not", async () => {
    const unknown = await send("PUT", account("stkeyturn"), accountBody({ isHnsEnabled: true }));
    assert.equal(code(unknown), "InvalidRequestContent");
    assert.match(message(unknown), /isHnsEnabled/);
    const version = await send("GET", account("stkeyturn"), undefined, "2024-02-02");
    assert.equal(code(version), "NoRegisteredProviderFound");
  });

  it("refuses an account's name with a capital letter, and another location", async () => {
    assert.equal(
      code(await send("PUT", account("stKeyturn"), accountBody())),
      "AccountNameInvalid",
    );
    const moved = { ...accountBody(), location: "northeurope" };
    const answer = await send("PUT", account("stkeyturn"), moved);
    assert.equal(code(answer), "InvalidResourceLocation");
  });

  it("has a blob service from the start, and keeps what it is told", async () => {
    const service = `${account("stkeyturn")}/blobServices/default`;
    const fresh = await send("GET", service);
    assert.equal(at(fresh.body, "properties", "deleteRetentionPolicy", "enabled"), false);
    const properties = {
      isVersioningEnabled: true,
      deleteRetentionPolicy: { enabled: true, days: 90 },
    };
    assert.equal((await send("PUT", service, { properties })).status, 200);
    const { body } = await send("GET", service);
    assert.equal(at(body, "properties", "isVersioningEnabled"), true);
    assert.equal(at(body, "properties", "deleteRetentionPolicy", "days"), 90);
    const endless = await send("PUT", service, {
      properties: { deleteRetentionPolicy: { enabled: true } },
    });
    assert.match(message(endless), /days is required/);
    const other = await send("GET", `${account("stkeyturn")}/blobServices/other`);
    assert.equal(code(other), "BadRequest");
  });

  it("makes a container once, private ones only where the account says so, and takes it away with its roles", async () => {
    const container = `${account("stkeyturn")}/blobServices/default/containers/state`;
    assert.equal(code(await send("GET", container)), "ContainerNotFound");
    const open = await send("PUT", container, { properties: { publicAccess: "Blob" } });
    assert.equal(code(open), "PublicAccessNotPermitted");
    assert.equal((await send("PUT", container, {})).status, 201);
    const { status, body } = await send("PUT", container, {});
    assert.deepEqual([status, at(body, "properties", "publicAccess")], [200, "None"]);
    const reader = cloud.client("blob reader");
    const guid = "1c2d3e4f-0000-4000-8000-000000000001";
    await cloud.assign(reader, "Storage Blob Data Contributor", container, guid);
    assert.equal((await cloud.arm("GET", container, { api: API, as: reader })).status, 200);
    assert.equal(
      (await cloud.arm("GET", account("stkeyturn"), { api: API, as: reader })).status,
      403,
    );
    assert.equal((await send("DELETE", container)).status, 200);
    const roles = `${container}/providers/Microsoft.Authorization/roleAssignments/${guid}`;
    assert.equal(code(await cloud.arm("GET", roles)), "RoleAssignmentNotFound");
  });
});

describe("ARM keys", () => {
  const key = `${vaultPath("kv-keys")}/keys/state`;
  const body = { properties: { kty: "RSA", keySize: 3072 } };
  let cloud: Cloud;
  before(async () => {
    cloud = await Cloud.start();
    await cloud.createVault("kv-keys");
  });
  after(() => cloud.stop());

  it("makes the first version of a key, and answers the same one whatever is asked later", async () => {
    assert.equal((await cloud.arm("GET", key)).status, 404);
    const made = await cloud.arm("PUT", key, { body });
    const uri = String(at(made.body, "properties", "keyUriWithVersion"));
    assert.match(uri, /^https:\/\/kv-keys\.[^/]+\/keys\/state\/[0-9a-f]{32}$/);
    const other = { properties: { kty: "RSA", keySize: 2048 } };
    const again = await cloud.arm("PUT", key, { body: other });
    assert.equal(at(again.body, "properties", "keySize"), 3072);
    assert.equal(at(again.body, "properties", "keyUriWithVersion"), uri);
    assert.deepEqual((await cloud.arm("GET", key)).body, made.body);
  });

  it("shows no material of it, and refuses a kind of key that the lab does not have", async () => {
    const { body: shown } = await cloud.arm("GET", key);
    assert.doesNotMatch(JSON.stringify(shown), /"(?:n|e|d|p|q|k)":/);
    const curve = { properties: { kty: "EC", curveName: "P-256" } };
    assert.equal(code(await cloud.arm("PUT", key, { body: curve })), "InvalidRequestContent");
  });

  it("are gone with a vault that is purged, and there again with one that is recovered", async () => {
    const vault = vaultPath("kv-keys");
    await cloud.arm("DELETE", vault);
    assert.equal((await cloud.arm("GET", key)).status, 404);
    const recover = {
      location: "westeurope",
      properties: {
        tenantId: cloud.context.tenantId,
        sku: { family: "A", name: "standard" },
        createMode: "recover",
      },
    };
    await cloud.arm("PUT", vault, { body: recover });
    assert.equal((await cloud.arm("GET", key)).status, 200);
    await cloud.arm("DELETE", vault);
    const deleted = cloud.resources.vaults.findDeleted("kv-keys", cloud.context.clock.now());
    assert(deleted);
    cloud.resources.vaults.purge(deleted);
    await cloud.createVault("kv-keys");
    assert.equal((await cloud.arm("GET", key)).status, 404);
  });
});
