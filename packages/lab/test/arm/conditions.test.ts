// The condition of docs/rights.md, by which an identity may assign one role and no other.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { CONDITION } from "../../../../docs/template/bootstrap/rights";
import { fulfils, readCondition } from "../../cloud/arm/conditions";
import { roleGuid } from "../../cloud/arm/roles";
import { Cloud, code, GROUP, message, roleId, type Client } from "./cloud";

const SECRETS_USER = roleGuid("Key Vault Secrets User");
const WRITE = "Microsoft.Authorization/roleAssignments/write";
const DELETE = "Microsoft.Authorization/roleAssignments/delete";
const path = (guid: string): string =>
  `${GROUP}/providers/Microsoft.Authorization/roleAssignments/${guid}`;

describe("a condition of a role assignment", () => {
  it("holds a write to the role that is asked for, and a deletion to the one that is there", () => {
    const reader = roleGuid("Reader");
    const cases = [
      [WRITE, { request: SECRETS_USER }, true],
      [WRITE, { request: reader, resource: SECRETS_USER }, false],
      [WRITE, {}, false],
      [DELETE, { resource: SECRETS_USER }, true],
      [DELETE, { request: SECRETS_USER, resource: reader }, false],
      ["Microsoft.KeyVault/vaults/write", {}, true],
    ] as const;
    for (const [action, facts, expected] of cases) {
      const shown = `${action} ${JSON.stringify(facts)}`;
      assert.equal(fulfils(CONDITION, action, facts), expected, shown);
      assert.equal(fulfils(undefined, action, facts), true, shown);
    }
  });

  it("is read with as many lines and roles as it has", () => {
    const lines = CONDITION.replaceAll(/ (AND|OR) /g, "\n  $1 ").replace(
      SECRETS_USER,
      `${SECRETS_USER}, ${randomUUID()}`,
    );
    assert.deepEqual(
      readCondition(lines)?.map(({ action, attribute }) => [action, attribute]),
      [
        [WRITE, "request"],
        [DELETE, "resource"],
      ],
    );
  });

  it("is not understood with anything else in it", () => {
    const others = [
      "",
      `${CONDITION} OR (1 == 1)`,
      CONDITION.replace(" AND ", " OR "),
      CONDITION.replace("GuidEquals", "GuidNotEquals"),
      CONDITION.replace("RoleDefinitionId", "PrincipalId"),
    ];
    for (const other of others) assert.equal(readCondition(other), undefined, other);
  });

  describe("on ARM", () => {
    let cloud: Cloud;
    let client: Client;
    const assign = (
      as: Client,
      guid: string,
      role: string,
      principal: Client,
      condition?: string,
    ) => {
      const properties = {
        roleDefinitionId: roleId(role),
        principalId: principal.objectId,
        principalType: "ServicePrincipal",
        ...(condition !== undefined && { condition, conditionVersion: "2.0" }),
      };
      return cloud.arm("PUT", path(guid), { as, body: { properties } });
    };
    before(async () => {
      cloud = await Cloud.start();
      client = cloud.client("pipeline");
      const role = "Role Based Access Control Administrator";
      const made = await assign(cloud.deployer, randomUUID(), role, client, CONDITION);
      assert.equal(made.status, 201);
    });
    after(() => cloud.stop());

    it("lets its holder assign and take back the role that it names, and no other", async () => {
      const other = cloud.client("reader");
      const [allowed, foreign] = [randomUUID(), randomUUID()];
      assert.equal((await assign(client, allowed, "Key Vault Secrets User", other)).status, 201);
      const refused = await assign(client, randomUUID(), "Reader", other);
      assert.equal(code(refused), "AuthorizationFailed");
      assert.equal((await assign(client, randomUUID(), "Owner", client)).status, 403);
      await assign(cloud.deployer, foreign, "Reader", other);
      assert.equal((await cloud.arm("DELETE", path(foreign), { as: client })).status, 403);
      assert.equal((await cloud.arm("DELETE", path(allowed), { as: client })).status, 200);
    });

    it("is refused where the lab would not hold anybody to it", async () => {
      const condition = "@Resource[Microsoft.Storage/x:y] StringEquals 'z'";
      const answer = await assign(cloud.deployer, randomUUID(), "Reader", client, condition);
      assert.equal(code(answer), "BadRequest");
      assert.match(message(answer), /^The lab holds a condition to which roles/);
    });
  });
});
