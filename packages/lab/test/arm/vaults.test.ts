// ARM's control plane of vaults and their secrets, over HTTPS.
import assert from "node:assert/strict";
import { DateTime } from "luxon";
import { at, Cloud, code, GROUP, message, vaultBody, vaultPath } from "./cloud";

describe("ARM vaults", () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await Cloud.start();
  });
  after(() => cloud.stop());

  it("answers 201 with the vault's address and defaults, then 200, when a vault is put twice", async () => {
    const created = await cloud.createVault("kv-first");
    assert.equal(created.status, 201);
    const { vaultPort } = cloud.context.endpoints;
    assert.deepEqual(at(created.body, "properties"), {
      tenantId: cloud.context.tenantId,
      sku: { family: "A", name: "standard" },
      accessPolicies: [],
      enabledForDeployment: false,
      enabledForDiskEncryption: false,
      enabledForTemplateDeployment: false,
      enableSoftDelete: true,
      softDeleteRetentionInDays: 90,
      enableRbacAuthorization: true,
      publicNetworkAccess: "Enabled",
      vaultUri: `https://kv-first.vault.localhost:${vaultPort}/`,
      provisioningState: "Succeeded",
    });
    assert.equal(at(created.body, "id"), vaultPath("kv-first"));
    assert.equal((await cloud.createVault("kv-first")).status, 200);
  });

  it("finds a vault under any spelling of its path", async () => {
    await cloud.createVault("kv-case");
    const found = await cloud.arm(
      "GET",
      vaultPath("KV-CASE").replace("resourceGroups", "RESOURCEGROUPS"),
    );
    assert.equal(found.status, 200);
    assert.equal(at(found.body, "name"), "kv-case");
  });

  it("lists vaults among a subscription's resources by their type, and by nothing else", async () => {
    await cloud.createVault("kv-listed");
    const path = `/subscriptions/${cloud.context.subscriptionId}/resources`;
    const by = (filter: string) =>
      cloud.arm("GET", `${path}?$filter=${encodeURIComponent(filter)}`, { api: "2021-04-01" });
    const found = await by("resourceType eq 'Microsoft.KeyVault/vaults'");
    const listed = at(found.body, "value") as { name: string; id: string; type: string }[];
    const ours = listed.find(({ name }) => name === "kv-listed");
    assert.deepEqual(ours, {
      id: vaultPath("kv-listed"),
      name: "kv-listed",
      type: "Microsoft.KeyVault/vaults",
      location: "westeurope",
      tags: {},
    });
    assert.equal(code(await by("name eq 'kv-listed'")), "InvalidFilterInQueryString");
  });

  it("refuses a vault name that Azure refuses, with Azure's code and text", async () => {
    for (const name of ["kv", "1abc", "kv--x", "kv-", "kv_x", "k".repeat(25)]) {
      const answer = await cloud.createVault(name);
      assert.equal(code(answer), "VaultNameNotValid", name);
      assert.match(message(answer), /must be between 3-24 alphanumeric characters/);
    }
  });

  it("refuses a body that Azure refuses", async () => {
    const cases: [object, string, RegExp][] = [
      [{ properties: {} }, "LocationRequired", /location property is required/],
      [{ location: "westeurope" }, "BadRequest", /tenantId is not specified/],
      [vaultBody({ enableSoftDelete: false }), "BadRequest", /enableSoftDelete/],
      [vaultBody({ enablePurgeProtection: false }), "BadRequest", /cannot be set to false/],
      [vaultBody({ softDeleteRetentionInDays: 6 }), "BadRequest", /between 7 and 90/],
      [
        vaultBody({ enableRbacAuthorization: false }),
        "BadRequest",
        /accessPolicies is not specified/,
      ],
      [vaultBody({ tenantId: "x" }), "InvalidRequestContent", /tenantId/],
    ];
    for (const [body, expected, text] of cases) {
      const answer = await cloud.arm("PUT", vaultPath("kv-refused"), { body });
      assert.equal(code(answer), expected, JSON.stringify(body));
      assert.match(message(answer), text);
    }
    assert.equal((await cloud.arm("GET", vaultPath("kv-refused"))).status, 404);
  });

  it("keeps purge protection and retention once they are set", async () => {
    await cloud.createVault("kv-kept", {
      enablePurgeProtection: true,
      softDeleteRetentionInDays: 7,
    });
    const again = await cloud.createVault("kv-kept");
    assert.equal(at(again.body, "properties", "enablePurgeProtection"), true);
    assert.equal(at(again.body, "properties", "softDeleteRetentionInDays"), 7);
    const longer = await cloud.createVault("kv-kept", { softDeleteRetentionInDays: 8 });
    assert.match(message(longer), /has been set already/);
  });

  it("reserves a deleted vault's name until it is recovered or its retention is over", async () => {
    await cloud.createVault("kv-gone", { softDeleteRetentionInDays: 7 });
    assert.equal((await cloud.arm("DELETE", vaultPath("kv-gone"))).status, 200);
    assert.equal((await cloud.arm("DELETE", vaultPath("kv-gone"))).status, 204);
    assert.equal(code(await cloud.arm("GET", vaultPath("kv-gone"))), "ResourceNotFound");
    const taken = await cloud.createVault("kv-gone");
    assert.equal(taken.status, 409);
    assert.equal(code(taken), "ConflictError");
    const recovered = await cloud.createVault("kv-gone", { createMode: "recover" });
    assert.equal(recovered.status, 201);
    await cloud.arm("DELETE", vaultPath("kv-gone"));
    cloud.context.clock.advance("P7D");
    assert.equal((await cloud.createVault("kv-gone")).status, 201);
  });

  it("does not let a group's contributor see or purge deleted vaults of the subscription", async () => {
    await cloud.createVault("kv-purge");
    await cloud.arm("DELETE", vaultPath("kv-purge"));
    const base = `/subscriptions/${cloud.context.subscriptionId}/providers/Microsoft.KeyVault`;
    const purge = await cloud.arm(
      "POST",
      `${base}/locations/westeurope/deletedVaults/kv-purge/purge`,
    );
    assert.equal(code(purge), "AuthorizationFailed");
    assert.match(
      message(purge),
      /action 'Microsoft\.KeyVault\/locations\/deletedVaults\/purge\/action'/,
    );
  });

  it("says whether a vault name is free", async () => {
    await cloud.createVault("kv-taken");
    const path = `/subscriptions/${cloud.context.subscriptionId}/providers/Microsoft.KeyVault/checkNameAvailability`;
    const ask = (name: string) =>
      cloud.arm("POST", path, { body: { name, type: "Microsoft.KeyVault/vaults" } });
    assert.deepEqual((await ask("kv-free")).body, { nameAvailable: true });
    assert.equal(at((await ask("kv-taken")).body, "reason"), "AlreadyExists");
    assert.equal(at((await ask("k")).body, "reason"), "AccountNameInvalid");
  });
});

describe("ARM vault secrets", () => {
  let cloud: Cloud;
  const exp = Math.floor(DateTime.utc(2030).toSeconds());
  const secretPath = (name: string): string => `${vaultPath("kv-arm")}/secrets/${name}`;
  const put = (name: string, properties: object, tags?: object) =>
    cloud.arm("PUT", secretPath(name), { body: { properties, ...(tags && { tags }) } });
  const versions = (name: string) =>
    cloud.resources.vaults.find("kv-arm")?.secrets.find(name).versions.length;

  before(async () => {
    cloud = await Cloud.start();
    await cloud.createVault("kv-arm");
  });
  after(() => cloud.stop());

  it("stores a secret and never gives the value back", async () => {
    const body = { value: "s3cret-one", contentType: "text/plain", attributes: { exp } };
    const created = await put("one", body, { keyId: "k1" });
    assert.equal(created.status, 201);
    assert.equal(at(created.body, "properties", "attributes", "exp"), exp);
    assert.equal(at(created.body, "properties", "attributes", "enabled"), true);
    assert.deepEqual(at(created.body, "tags"), { keyId: "k1" });
    assert.match(
      String(at(created.body, "properties", "secretUriWithVersion")),
      /^https:\/\/kv-arm\.vault\.localhost:\d+\/secrets\/one\/[0-9a-f]{32}$/,
    );
    const read = await cloud.arm("GET", secretPath("one"));
    assert.equal(read.status, 200);
    assert.ok(!JSON.stringify([created.body, read.body]).includes("s3cret-one"));
  });

  it("adds no version when an identical secret is put, and one when anything differs", async () => {
    const body = { value: "same", attributes: { exp } };
    await put("twin", body, { a: "1", b: "2" });
    assert.equal((await put("twin", body, { b: "2", a: "1" })).status, 200);
    assert.equal(versions("twin"), 1);
    await put("twin", { ...body, attributes: { exp: exp + 1 } }, { a: "1", b: "2" });
    assert.equal(versions("twin"), 2);
  });

  it("refuses an expiry that is not whole seconds, or is called expires", async () => {
    for (const attributes of [{ exp: 1.5 }, { exp: "2030-01-01T00:00:00Z" }, { expires: exp }]) {
      const answer = await put("bad", { value: "x", attributes });
      assert.equal(answer.status, 400, JSON.stringify(attributes));
    }
    assert.equal(code(await cloud.arm("GET", secretPath("bad"))), "SecretNotFound");
  });

  it("refuses to reuse the name of a soft-deleted secret", async () => {
    await put("reused", { value: "x" });
    await cloud.vault("DELETE", "kv-arm", "/secrets/reused");
    const answer = await put("reused", { value: "y" });
    assert.equal(answer.status, 409);
    assert.equal(code(answer), "Conflict");
    assert.match(message(answer), /currently in a deleted but recoverable state/);
  });

  it("changes attributes without a new version when a secret is patched", async () => {
    await put("patched", { value: "x" });
    const answer = await cloud.arm("PATCH", secretPath("patched"), {
      body: { properties: { attributes: { enabled: false } } },
    });
    assert.equal(at(answer.body, "properties", "attributes", "enabled"), false);
    assert.equal(versions("patched"), 1);
  });

  it("says which resource is missing when the vault is not in the group", async () => {
    const answer = await cloud.arm("GET", `${vaultPath("kv-none")}/secrets/x`);
    assert.equal(code(answer), "ResourceNotFound");
    const group = `${GROUP}-none/providers/Microsoft.KeyVault/vaults/kv-arm`;
    assert.equal(code(await cloud.arm("GET", group)), "AuthorizationFailed");
  });
});
