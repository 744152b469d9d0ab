// What Graph has of an application although the state has not, against the lab's Graph.
import assert from "node:assert/strict";
import { makeApplication } from "../../../packages/lab/cloud/existing";
import { grantAppRole, graphRoleId, revokeAppRole } from "../../../packages/lab/cloud/mutations";
import { type Cloud, startTrustedCloud } from "../../../packages/lab/test/cloud/harness";
import { GraphReader } from "../../../src/http/graph";
import { findLost } from "../../../src/observe/lost-answers";
import { sesar } from "../../../src/presets/sesar";

describe("what was made although its answer was lost", () => {
  let cloud: Cloud;
  let graph: GraphReader;
  before(async () => {
    cloud = await startTrustedCloud();
    const bearer = await cloud.token("Application.Read.All");
    graph = new GraphReader(cloud.context.endpoints.graphUrl, bearer, 45);
  });
  after(() => cloud.close());

  const make = (principal: boolean, consents: readonly string[]) =>
    makeApplication(cloud.context.directory, {
      displayName: "SESAR",
      permissions: sesar.permissions,
      consents,
      signInAudience: "AzureADMyOrg",
      owned: true,
      principal,
    });

  it("is nothing where there is no service principal", async () => {
    const { clientId } = make(false, []);
    assert.deepEqual(await findLost(graph, clientId, sesar.permissions), { consents: {} });
  });

  it("is the service principal, by the id that the engine imports", async () => {
    const { clientId, servicePrincipalObjectId } = make(true, []);
    assert.deepEqual(await findLost(graph, clientId, sesar.permissions), {
      principal: `/servicePrincipals/${servicePrincipalObjectId ?? ""}`,
      consents: {},
    });
  });

  it("is each consent that is asked about and given, and none that is not", async () => {
    const { clientId } = make(true, []);
    const { directory } = cloud.context;
    for (const name of ["User.Read.All", "Group.Read.All"]) grantAppRole(directory, clientId, name);
    const asked = ["Group.Read.All", "MailboxSettings.Read"];
    const { consents } = await findLost(graph, clientId, asked);
    assert.deepEqual(Object.keys(consents), ["Group.Read.All"]);
    assert.match(
      consents["Group.Read.All"] ?? "",
      /^\/servicePrincipals\/[0-9a-f-]{36}\/appRoleAssignedTo\/\S+$/,
    );
    revokeAppRole(directory, clientId, "Group.Read.All");
    assert.deepEqual((await findLost(graph, clientId, asked)).consents, {});
  });

  it("is no role of the same id on something else than Graph", async () => {
    const [{ clientId, servicePrincipalObjectId: own = "" }, other] = [
      make(true, []),
      make(true, []),
    ];
    const resource = other.servicePrincipalObjectId ?? "";
    cloud.context.directory.assignAppRole(own, resource, graphRoleId("Group.Read.All"));
    assert.deepEqual((await findLost(graph, clientId, ["Group.Read.All"])).consents, {});
  });
});
