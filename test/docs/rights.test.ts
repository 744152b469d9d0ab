// docs/rights.md is held to what the lab gives its deploying identity, which the end-to-end tests show to be enough and
// none of it too much.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DEPLOYER_ROLES } from "../../packages/lab/cloud/arm/store";
import { ROLES, roleGuid } from "../../packages/lab/cloud/arm/roles";
import { DEPLOYER_GRAPH_ROLES } from "../../packages/lab/cloud/seed";
import { GRAPH_APP_ROLES } from "../../packages/lab/cloud/seed-roles";
import { CLONE } from "../helpers/paths";

const text = readFileSync(join(CLONE, "docs", "rights.md"), "utf8");

/** First cells of the table under a heading, from the nth table on. */
function firstCells(heading: string, nth: number): string[] {
  const section = text.slice(text.indexOf(`## ${heading}`)).split("\n## ")[0] ?? "";
  const tables = section.split(/\n\n/).filter((block) => block.startsWith("| "));
  const rows = (tables[nth] ?? "").trimEnd().split("\n").slice(2);
  return rows.map((row) => /^\| `([^`]+)`/.exec(row)?.[1] ?? row);
}

describe("docs/rights.md", () => {
  const graph = "Microsoft Graph, application permissions";
  const azure = "Azure roles, on the vault's resource group";

  it("names exactly the Graph permissions that the lab's deploying identity has", () => {
    assert.deepEqual(firstCells(graph, 0).sort(), [...DEPLOYER_GRAPH_ROLES].sort());
  });

  it("names exactly the Azure roles that it has", () => {
    assert.deepEqual(firstCells(azure, 0).sort(), [...DEPLOYER_ROLES].sort());
  });

  it("names as optional only what it does not have, and what there is", () => {
    const permissions = firstCells(graph, 1);
    const known = GRAPH_APP_ROLES.map(({ value }) => value);
    const held: readonly string[] = DEPLOYER_GRAPH_ROLES;
    assert.deepEqual(permissions, ["AuditLog.Read.All"]);
    assert.ok(permissions.every((one) => known.includes(one) && !held.includes(one)));
    const roles = firstCells(azure, 1);
    assert.deepEqual(roles, ["Key Vault Reader"]);
    assert.ok(roles.every((one) => ROLES.some(({ roleName }) => roleName === one)));
  });

  it("gives in its commands exactly the permissions and roles of its tables", () => {
    const ids = [...text.matchAll(/([-0-9a-f]{36})=Role/g)].map(([, id]) => id);
    const named = (value: string): string | undefined =>
      GRAPH_APP_ROLES.find((role) => role.value === value)?.id;
    assert.deepEqual(ids, firstCells(graph, 0).map(named));
    const roles = [...text.matchAll(/^ +\$ASSIGN --role "([^"]+)"/gm)].map(([, role]) => role);
    assert.deepEqual(roles.sort(), [...DEPLOYER_ROLES].sort());
    const condition = text.slice(text.indexOf("--condition-version"));
    const allowed = [...condition.matchAll(/GuidEquals \{([-0-9a-f]{36})\}/g)].map(([, id]) => id);
    const user = roleGuid("Key Vault Secrets User");
    assert.deepEqual(allowed, [user, user]);
  });
});
