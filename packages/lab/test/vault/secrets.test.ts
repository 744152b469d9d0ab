// Key Vault's data plane over HTTPS.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { at, Cloud, code, message, vaultBody, vaultPath } from "../arm/cloud";

describe("Key Vault data plane", () => {
  let cloud: Cloud;
  const call = (method: string, path: string, body?: unknown) =>
    cloud.vault(method, "kv-data", path, body === undefined ? {} : { body });
  const set = (name: string, body: object) => call("PUT", `/secrets/${name}`, body);

  before(async () => {
    cloud = await Cloud.start();
    await cloud.createVault("kv-data", { softDeleteRetentionInDays: 7 });
  });
  after(() => cloud.stop());

  it("challenges a request without a token with its tenant and resource", async () => {
    const answer = await cloud.vault("GET", "kv-data", "/secrets", { token: "" });
    assert.equal(answer.status, 401);
    assert.equal(code(answer), "Unauthorized");
    assert.match(message(answer), /^AKV10000/);
    const { loginUrl } = cloud.context.endpoints;
    assert.equal(
      answer.headers["www-authenticate"],
      `Bearer authorization="${loginUrl}/${cloud.context.tenantId}", resource="https://vault.localhost"`,
    );
  });

  it("refuses a token for another resource", async () => {
    const token = await cloud.token(cloud.deployer, cloud.context.endpoints.armUrl);
    const answer = await cloud.vault("GET", "kv-data", "/secrets", { token });
    assert.equal(answer.status, 401);
    assert.match(message(answer), /^AKV10022: Invalid audience/);
  });

  it("does not answer for a vault that does not exist", async () => {
    const answer = await cloud.vault("GET", "kv-none", "/secrets");
    assert.equal(code(answer), "VaultNotFound");
  });

  it("adds a version with each set, and reads the newest or the named one", async () => {
    const one = await set("versions", {
      value: "one",
      contentType: "text/plain",
      tags: { n: "1" },
    });
    assert.equal(one.status, 200);
    assert.equal(at(one.body, "attributes", "recoveryLevel"), "CustomizedRecoverable+Purgeable");
    await set("versions", { value: "two" });
    assert.equal(at((await call("GET", "/secrets/versions")).body, "value"), "two");
    const version = String(at(one.body, "id")).split("/").at(-1);
    const first = await call("GET", `/secrets/versions/${version}`);
    assert.equal(at(first.body, "value"), "one");
    assert.deepEqual(at(first.body, "tags"), { n: "1" });
    const listed = await call("GET", "/secrets/versions/versions");
    assert.equal((at(listed.body, "value") as unknown[]).length, 2);
    assert.ok(!JSON.stringify(listed.body).includes('"one"'));
  });

  it("says that a secret, or a version of it, was not found", async () => {
    const none = await call("GET", "/secrets/none");
    assert.equal(none.status, 404);
    assert.equal(code(none), "SecretNotFound");
    assert.match(message(none), /A secret with \(name\/id\) none was not found/);
    await set("known", { value: "x" });
    const version = await call("GET", `/secrets/known/${"0".repeat(32)}`);
    assert.equal(code(version), "SecretNotFound");
  });

  it("changes attributes and tags of a version without touching its value", async () => {
    await set("updated", { value: "x", attributes: { exp: 4_000_000_000 } });
    const answer = await call("PATCH", "/secrets/updated", {
      attributes: { enabled: false },
      tags: { a: "b" },
    });
    assert.equal(at(answer.body, "attributes", "enabled"), false);
    assert.equal(at(answer.body, "attributes", "exp"), 4_000_000_000);
    assert.equal(at(answer.body, "value"), undefined);
    const read = await call("GET", "/secrets/updated");
    assert.equal(read.status, 403);
    assert.equal(at(read.body, "error", "innererror", "code"), "SecretDisabled");
    assert.equal(message(read), "Operation get is not allowed on a disabled secret.");
  });

  it("still reads a secret that has expired", async () => {
    await set("expired", { value: "old", attributes: { exp: 1_500_000_000 } });
    assert.equal(at((await call("GET", "/secrets/expired")).body, "value"), "old");
  });

  it("refuses what exceeds the service's limits", async () => {
    const tags = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`t${i}`, "x"]));
    const cases: [string, object][] = [
      ["under_score", { value: "x" }],
      ["n".repeat(128), { value: "x" }],
      ["large", { value: "x".repeat(25_601) }],
      ["none", {}],
      ["number", { value: 1 }],
      ["tagged", { value: "x", tags }],
      ["tag", { value: "x", tags: { long: "x".repeat(257) } }],
      ["type", { value: "x", contentType: "x".repeat(256) }],
      ["fraction", { value: "x", attributes: { exp: 1.5 } }],
      ["text", { value: "x", attributes: { exp: "2030-01-01" } }],
      ["window", { value: "x", attributes: { nbf: 20, exp: 10 } }],
    ];
    for (const [name, body] of cases) {
      const answer = await set(name, body);
      assert.equal(answer.status, 400, name);
      assert.equal(code(answer), "BadParameter", name);
    }
    assert.equal((await set("just-fits", { value: "x".repeat(25_600) })).status, 200);
  });

  it("soft-deletes, keeps the name, recovers every version, and purges", async () => {
    await set("life", { value: "one" });
    await set("life", { value: "two" });
    const deleted = await call("DELETE", "/secrets/life");
    assert.equal(deleted.status, 200);
    assert.match(String(at(deleted.body, "recoveryId")), /\/deletedsecrets\/life$/);
    const days =
      Number(at(deleted.body, "scheduledPurgeDate")) - Number(at(deleted.body, "deletedDate"));
    assert.equal(days, 7 * 86_400);
    assert.equal((await call("GET", "/secrets/life")).status, 404);
    const conflict = await set("life", { value: "three" });
    assert.equal(conflict.status, 409);
    assert.equal(at(conflict.body, "error", "innererror", "code"), "ObjectIsDeletedButRecoverable");
    assert.equal((await call("GET", "/deletedsecrets/life")).status, 200);
    assert.equal((await call("POST", "/deletedsecrets/life/recover")).status, 200);
    assert.equal(at((await call("GET", "/secrets/life")).body, "value"), "two");
    await call("DELETE", "/secrets/life");
    assert.equal((await call("DELETE", "/deletedsecrets/life")).status, 204);
    assert.equal((await call("GET", "/deletedsecrets/life")).status, 404);
    assert.equal((await set("life", { value: "four" })).status, 200);
  });

  it("forgets a deleted secret when its retention is over", async () => {
    await set("forgotten", { value: "x" });
    await call("DELETE", "/secrets/forgotten");
    cloud.context.clock.advance("P7D");
    assert.equal((await call("GET", "/deletedsecrets/forgotten")).status, 404);
  });

  it("refuses to purge when the vault is purge-protected", async () => {
    await cloud.createVault("kv-protected", { enablePurgeProtection: true });
    await cloud.vault("PUT", "kv-protected", "/secrets/x", { body: { value: "x" } });
    await cloud.vault("DELETE", "kv-protected", "/secrets/x");
    const answer = await cloud.vault("DELETE", "kv-protected", "/deletedsecrets/x");
    assert.equal(answer.status, 403);
    assert.equal(code(answer), "Forbidden");
  });

  it("lists in pages that a nextLink joins", async () => {
    await cloud.createVault("kv-pages");
    for (let n = 10; n < 37; n += 1) {
      await cloud.vault("PUT", "kv-pages", `/secrets/s${n}`, { body: { value: "x" } });
    }
    const first = await cloud.vault("GET", "kv-pages", "/secrets");
    assert.equal((at(first.body, "value") as unknown[]).length, 25);
    const second = await cloud.vault("GET", "kv-pages", String(at(first.body, "nextLink")));
    assert.equal((at(second.body, "value") as unknown[]).length, 2);
    assert.equal(at(second.body, "nextLink"), null);
    assert.equal((await cloud.vault("GET", "kv-pages", "/secrets?maxresults=26")).status, 400);
  });

  it("requires an api-version that it has", async () => {
    const { vaultPort } = cloud.context.endpoints;
    const token = await cloud.token(cloud.deployer, "https://vault.localhost");
    const url = `https://kv-data.vault.localhost:${vaultPort}/secrets`;
    assert.equal(code(await cloud.send("GET", url, token)), "BadParameter");
    const old = await cloud.send("GET", `${url}?api-version=2015-06-01`, token);
    assert.equal(code(old), "BadParameter");
  });

  it("remembers every value that it ever held, purged ones included", () => {
    const { vaults } = cloud.resources;
    for (const value of ["one", "two", "four"]) assert.ok(vaults.everyValue().includes(value));
  });
});

describe("Key Vault access", () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await Cloud.start();
    await cloud.createVault("kv-rbac");
    await cloud.vault("PUT", "kv-rbac", "/secrets/s", { body: { value: "x" } });
  });
  after(() => cloud.stop());

  it("refuses a caller without the data action in the service's words", async () => {
    const stranger = cloud.client("stranger");
    const answer = await cloud.vault("GET", "kv-rbac", "/secrets/s", { as: stranger });
    assert.equal(answer.status, 403);
    assert.equal(at(answer.body, "error", "innererror", "code"), "ForbiddenByRbac");
    assert.match(
      message(answer),
      /Action: 'Microsoft\.KeyVault\/vaults\/secrets\/getSecret\/action'\r\n/,
    );
    assert.match(
      message(answer),
      new RegExp(`appid=${stranger.clientId};oid=${stranger.objectId}`),
    );
  });

  it("gives a reader of one secret no more than that", async () => {
    const user = cloud.client("user");
    await cloud.assign(
      user,
      "Key Vault Secrets User",
      `${vaultPath("kv-rbac")}/secrets/s`,
      randomUUID(),
    );
    assert.equal((await cloud.vault("GET", "kv-rbac", "/secrets/s", { as: user })).status, 200);
    const write = { as: user, body: { value: "y" } };
    assert.equal((await cloud.vault("PUT", "kv-rbac", "/secrets/s", write)).status, 403);
    assert.equal((await cloud.vault("GET", "kv-rbac", "/secrets", { as: user })).status, 403);
  });

  it("gives control-plane roles no right to values", async () => {
    const owner = cloud.client("owner");
    await cloud.assign(owner, "Owner", vaultPath("kv-rbac"), randomUUID());
    assert.equal((await cloud.vault("GET", "kv-rbac", "/secrets/s", { as: owner })).status, 403);
  });

  it("goes by access policies when the vault does not use RBAC", async () => {
    const listed = cloud.client("listed");
    const accessPolicies = [
      {
        tenantId: cloud.context.tenantId,
        objectId: listed.objectId,
        permissions: { secrets: ["Get", "Set"] },
      },
    ];
    const body = vaultBody({ enableRbacAuthorization: false, accessPolicies });
    await cloud.arm("PUT", vaultPath("kv-policy"), { body });
    const put = { as: listed, body: { value: "x" } };
    assert.equal((await cloud.vault("PUT", "kv-policy", "/secrets/s", put)).status, 200);
    const list = await cloud.vault("GET", "kv-policy", "/secrets", { as: listed });
    assert.equal(at(list.body, "error", "innererror", "code"), "AccessDenied");
    assert.match(
      message(list),
      /does not have secrets list permission on key vault 'kv-policy;location=westeurope'/,
    );
    assert.equal((await cloud.vault("GET", "kv-policy", "/secrets/s")).status, 403);
  });

  it("keeps callers out by the vault's network rules", async () => {
    await cloud.createVault("kv-closed", { publicNetworkAccess: "Disabled" });
    const closed = await cloud.vault("GET", "kv-closed", "/secrets");
    assert.equal(at(closed.body, "error", "innererror", "code"), "ForbiddenByConnection");
    await cloud.createVault("kv-fire", { networkAcls: { defaultAction: "Deny", ipRules: [] } });
    const fire = await cloud.vault("GET", "kv-fire", "/secrets");
    assert.equal(at(fire.body, "error", "innererror", "code"), "ForbiddenByFirewall");
    const ipRules = [{ value: "127.0.0.1/32" }];
    await cloud.createVault("kv-fire", { networkAcls: { defaultAction: "Deny", ipRules } });
    assert.equal((await cloud.vault("GET", "kv-fire", "/secrets")).status, 200);
  });
});
