// The table of docs/rights.md, what the deploying identity may and may not do, put to the lab row by row.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startGraph } from "../cloud/graph/server";
import { GRAPH_OBJECT_ID, SUBSCRIPTION_ID } from "../cloud/seed";
import { roleGuid } from "../cloud/arm/roles";
import { groupId } from "../cloud/arm/store";
import type { RunningServer } from "../cloud/server";
import { type Answer, Cloud, GROUP, at, roleId, vaultBody } from "./arm/cloud";
import { CLONE } from "../../../test/helpers/paths";

const GROUP_READ_ALL = "5b567255-7703-4780-807c-7be8301ae99b";
const OTHER_GROUP = "keyturn-other";

interface Row {
  readonly sentence: string;
  readonly method: string;
  readonly server: string;
  readonly path: string;
  readonly answer: number;
}

const text = readFileSync(join(CLONE, "docs", "rights.md"), "utf8");
const ROW = /^\| (may .*) \| `([A-Z]+) (graph|arm|vault)\/(\S+)` \| (\d{3}) \|$/gm;
const rows: Row[] = [...text.matchAll(ROW)].map(
  ([, sentence = "", method = "", server = "", path = "", answer]) => {
    return { sentence, method, server, path, answer: Number(answer) };
  },
);

describe("what docs/rights.md says of the deploying identity", () => {
  let cloud: Cloud;
  let graph: RunningServer;
  let token: string;
  const names: Record<string, string> = {};
  const bodies: Record<string, object> = {};

  before(async () => {
    cloud = await Cloud.start();
    const { context, resources } = cloud;
    graph = await startGraph(context, 0);
    const { graphUrl } = context.endpoints;
    token = await cloud.token(cloud.deployer, graphUrl);
    const other = context.directory.createApplication({ displayName: "other" });
    const stranger = context.directory.createGroup({ displayName: "other" });
    resources.putGroup({ name: OTHER_GROUP, location: "westeurope", tags: {} });
    const elsewhere = cloud.client("elsewhere");
    const otherGroup = groupId(SUBSCRIPTION_ID, OTHER_GROUP);
    grant(elsewhere.objectId, otherGroup, "Contributor");
    grant(elsewhere.objectId, otherGroup, "Key Vault Secrets Officer");
    const vault = `${otherGroup}/providers/Microsoft.KeyVault/vaults/kv-other`;
    assert.ok(
      (await cloud.arm("PUT", vault, { as: elsewhere, body: vaultBody() })).status < 300,
      "kv-other",
    );
    const put = { as: elsewhere, body: { value: "theirs" } };
    assert.equal((await cloud.vault("PUT", "kv-other", "/secrets/sesar", put)).status, 200);
    await cloud.createVault("kv-gone");
    await cloud.arm("DELETE", `${GROUP}/providers/Microsoft.KeyVault/vaults/kv-gone`);

    // The identity's own things, made in its own name as the program makes them.
    const owners = {
      "owners@odata.bind": [`${graphUrl}/v1.0/directoryObjects/${cloud.deployer.objectId}`],
    };
    const group = (displayName: string): object => ({
      displayName,
      mailEnabled: false,
      mailNickname: displayName,
      securityEnabled: true,
      ...owners,
    });
    const make = async (path: string, body: object): Promise<Answer> => {
      const made = await call("graph", "POST", path, body);
      assert.equal(made.status, 201, JSON.stringify(made.body));
      return made;
    };
    const application = await make("applications", { displayName: "own", ...owners });
    const own = String(at(application.body, "id"));
    const issued = await call("graph", "POST", `applications/${own}/addPassword`, {});
    const [outer, inner] = [
      await make("groups", group("outer")),
      await make("groups", group("inner")),
    ];
    Object.assign(names, {
      "applications/{own}": `applications/${own}`,
      "applications/{other}": `applications/${other.applicationObjectId}`,
      "groups/{own}": `groups/${String(at(outer.body, "id"))}`,
      "groups/{other}": `groups/${stranger.groupObjectId}`,
      "{graph}": GRAPH_OBJECT_ID,
      "{group}": GROUP.slice(1),
      "{otherGroup}": otherGroup.slice(1),
      "{subscription}": `subscriptions/${SUBSCRIPTION_ID}`,
    });
    const member = {
      "@odata.id": `${graphUrl}/v1.0/directoryObjects/${String(at(inner.body, "id"))}`,
    };
    const principal = context.directory.createServicePrincipal(other.clientId, {});
    Object.assign(bodies, {
      "POST applications": { displayName: "SESAR", ...owners },
      "PATCH applications/{other}": { displayName: "mine" },
      "POST applications/{own}/removePassword": { keyId: at(issued.body, "keyId") },
      "POST applications/{other}/removePassword": { keyId: randomUUID() },
      "POST servicePrincipals/{graph}/appRoleAssignedTo": {
        appRoleId: GROUP_READ_ALL,
        principalId: principal.servicePrincipalObjectId,
        resourceId: GRAPH_OBJECT_ID,
      },
      "POST groups": group("Pro"),
      "POST groups/{own}/members/$ref": member,
      "POST groups/{other}/members/$ref": member,
      "PUT {subscription}/resourceGroups/rg-new": { location: "westeurope" },
      "PUT kv-own/secrets/sesar": { value: "ours" },
    });
  });
  after(async () => {
    await graph.close();
    await cloud.stop();
  });

  function grant(principalId: string, scope: string, roleName: string): void {
    const now = cloud.context.clock.now().toISOString();
    cloud.resources.putAssignment({
      scope,
      name: randomUUID(),
      principalId,
      principalType: "ServicePrincipal",
      roleDefinitionGuid: roleGuid(roleName),
      createdOn: now,
      updatedOn: now,
      createdBy: "",
      updatedBy: "",
    });
  }

  function call(server: string, method: string, path: string, body?: object): Promise<Answer> {
    if (server === "graph") {
      const url = `${cloud.context.endpoints.graphUrl}/v1.0/${path}`;
      return cloud.send(method, url, token, body);
    }
    const given = body === undefined ? {} : { body };
    if (server === "arm") return cloud.arm(method, `/${path}`, given);
    const [vault = "", ...rest] = path.split("/");
    return cloud.vault(method, vault, `/${rest.join("/")}`, given);
  }

  /** What a request carries: the test's own, or what its kind always carries. */
  function bodyOf({ method, path }: Row): object | undefined {
    if (method === "GET" || method === "DELETE") return undefined;
    if (path.includes("/vaults/")) return vaultBody();
    if (path.includes("roleAssignments")) {
      const { objectId: principalId } = cloud.client("reader");
      const roleDefinitionId = roleId("Key Vault Secrets User");
      return { properties: { roleDefinitionId, principalId, principalType: "ServicePrincipal" } };
    }
    return bodies[`${method} ${path}`] ?? {};
  }

  for (const row of rows) {
    it(`${row.sentence.split(/[:;,] /)[0] ?? ""} (${row.method} ${row.server}/${row.path})`, async () => {
      const path = Object.entries({ ...names, "{guid}": randomUUID() }).reduce(
        (filled, [name, value]) => filled.replace(name, value),
        row.path,
      );
      const answer = await call(row.server, row.method, path, bodyOf(row));
      assert.equal(answer.status, row.answer, JSON.stringify(answer.body));
      assert.equal(row.sentence.startsWith("may not "), answer.status === 403);
    });
  }

  it("is said in every row of the table", () => {
    const lines = text.split("\n").filter((line) => /^\| may /.test(line));
    assert.equal(rows.length, lines.length);
    assert.ok(rows.length >= 20);
  });
});
