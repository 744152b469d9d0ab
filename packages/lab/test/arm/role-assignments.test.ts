// Role assignments at any scope, and the rights that they give.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { at, Cloud, code, GROUP, message, roleId, vaultPath, type Client } from "./cloud";

describe("ARM role assignments", () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await Cloud.start();
    await cloud.createVault("kv-roles");
  });
  after(() => cloud.stop());

  const path = (guid: string, scope = GROUP): string =>
    `${scope}/providers/Microsoft.Authorization/roleAssignments/${guid}`;
  const body = (client: Client, roleName: string, principalType?: string) => ({
    body: {
      properties: {
        roleDefinitionId: roleId(roleName),
        principalId: client.objectId,
        ...(principalType && { principalType }),
      },
    },
  });

  it("gives a right at a scope and below, until it is deleted", async () => {
    const reader = cloud.client("reader");
    const guid = randomUUID();
    assert.equal((await cloud.assign(reader, "Reader", GROUP, guid)).status, 201);
    assert.equal((await cloud.arm("GET", vaultPath("kv-roles"), { as: reader })).status, 200);
    const write = await cloud.arm("DELETE", vaultPath("kv-roles"), { as: reader });
    assert.equal(code(write), "AuthorizationFailed");
    assert.equal((await cloud.arm("DELETE", path(guid))).status, 200);
    assert.equal((await cloud.arm("DELETE", path(guid))).status, 204);
    const after = await cloud.arm("GET", vaultPath("kv-roles"), { as: reader });
    assert.equal(code(after), "AuthorizationFailed");
  });

  it("gives a right to the members of a group", async () => {
    const member = cloud.client("member");
    const group = cloud.context.directory.createGroup({ displayName: "readers" });
    group.memberships.push({ memberObjectId: member.objectId, visibleFrom: 0 });
    const properties = {
      roleDefinitionId: roleId("Reader"),
      principalId: group.groupObjectId,
      principalType: "Group",
    };
    await cloud.arm("PUT", path(randomUUID()), { body: { properties } });
    assert.equal((await cloud.arm("GET", GROUP, { as: member })).status, 200);
  });

  it("answers what it stored under the name it was given", async () => {
    const client = cloud.client("stored");
    const guid = randomUUID();
    await cloud.assign(client, "Key Vault Secrets User", vaultPath("kv-roles"), guid);
    const read = await cloud.arm("GET", path(guid, vaultPath("kv-roles")));
    assert.equal(at(read.body, "id"), path(guid, vaultPath("kv-roles")));
    assert.equal(at(read.body, "properties", "scope"), vaultPath("kv-roles"));
    assert.equal(at(read.body, "properties", "principalType"), "ServicePrincipal");
    assert.equal(at(read.body, "properties", "roleDefinitionId"), roleId("Key Vault Secrets User"));
    const listed = await cloud.arm(
      "GET",
      `${path("")}?$filter=principalId eq '${client.objectId}'`,
    );
    assert.equal((at(listed.body, "value") as unknown[]).length, 1);
  });

  it("refuses a second assignment of the same role, and a change of the first", async () => {
    const client = cloud.client("twice");
    const guid = randomUUID();
    await cloud.assign(client, "Reader", GROUP, guid);
    assert.equal((await cloud.assign(client, "Reader", GROUP, guid)).status, 200);
    const second = await cloud.assign(client, "Reader", GROUP, randomUUID());
    assert.equal(second.status, 409);
    assert.equal(code(second), "RoleAssignmentExists");
    const changed = await cloud.assign(client, "Owner", GROUP, guid);
    assert.equal(code(changed), "RoleAssignmentUpdateNotPermitted");
  });

  it("refuses a name that is no GUID, and a role that does not exist", async () => {
    const client = cloud.client("bad");
    const named = await cloud.assign(client, "Reader", GROUP, "reader");
    assert.equal(code(named), "InvalidRoleAssignmentId");
    const properties = { roleDefinitionId: randomUUID(), principalId: client.objectId };
    const role = await cloud.arm("PUT", path(randomUUID()), { body: { properties } });
    assert.equal(code(role), "RoleDefinitionDoesNotExist");
  });

  it("does not find a principal that has not replicated, unless its type is given", async () => {
    cloud.context.directory.settings.objectDelaySeconds = 60;
    const fresh = cloud.client("fresh");
    const untyped = await cloud.arm("PUT", path(randomUUID()), body(fresh, "Reader"));
    assert.equal(untyped.status, 400);
    assert.equal(code(untyped), "PrincipalNotFound");
    const typed = await cloud.arm(
      "PUT",
      path(randomUUID()),
      body(fresh, "Reader", "ServicePrincipal"),
    );
    assert.equal(typed.status, 201);
    cloud.context.clock.advance("PT61S");
    cloud.context.directory.settings.objectDelaySeconds = 0;
    const later = await cloud.arm("PUT", path(randomUUID()), body(fresh, "Contributor"));
    assert.equal(at(later.body, "properties", "principalType"), "ServicePrincipal");
  });

  it("refuses a principal type that is not the principal's", async () => {
    const client = cloud.client("typed");
    const answer = await cloud.arm("PUT", path(randomUUID()), body(client, "Reader", "User"));
    assert.equal(code(answer), "UnmatchedPrincipalType");
    assert.match(message(answer), /has type 'ServicePrincipal'/);
  });

  it("finds a built-in role by its name", async () => {
    const base = "/providers/Microsoft.Authorization/roleDefinitions";
    const found = await cloud.arm("GET", `${base}?$filter=roleName eq 'Key Vault Secrets User'`);
    assert.deepEqual(at(found.body, "value", 0, "id"), roleId("Key Vault Secrets User"));
    assert.equal((at(found.body, "value") as unknown[]).length, 1);
  });

  it("lets nobody without the right to assign roles change a vault's permission model", async () => {
    const contributor = cloud.client("contributor");
    await cloud.assign(contributor, "Contributor", GROUP, randomUUID());
    const change = {
      as: contributor,
      body: { properties: { enableRbacAuthorization: false, accessPolicies: [] } },
    };
    const answer = await cloud.arm("PATCH", vaultPath("kv-roles"), change);
    assert.equal(code(answer), "InsufficientPermissions");
  });
});
