// Applications, principals, owners and consent, as the azuread provider and an administrator use them.
import assert from "node:assert/strict";
import { GRAPH_OBJECT_ID } from "../../../cloud/seed";
import { type Cloud, errorOf, startCloud, valuesOf } from "../harness";

const GROUP_READ_ALL = "5b567255-7703-4780-807c-7be8301ae99b";
const UNKNOWN = "99999999-0000-4000-8000-000000000000";

describe("Graph applications and principals", () => {
  let cloud: Cloud;
  let token: string;
  before(async () => {
    cloud = await startCloud();
    token = await cloud.token(
      "Application.ReadWrite.All",
      "Application.Read.All",
      "AppRoleAssignment.ReadWrite.All",
    );
  });
  after(() => cloud.close());

  const call = (method: string, path: string, body?: unknown) =>
    cloud.graph(method, path, { token, body });
  const create = async (displayName: string) =>
    (await call("POST", "/v1.0/applications", { displayName })).body;

  it("are created with defaults, read by object id and by client id, and found by filter", async () => {
    const made = await create("SESAR");
    const { id, appId } = made as Record<string, string>;
    assert.equal(made["signInAudience"], "AzureADMyOrg");
    const context = `${cloud.context.endpoints.graphUrl}/v1.0/$metadata#applications/$entity`;
    assert.equal(made["@odata.context"], context);
    for (const path of [`/v1.0/applications/${id}`, `/V1.0/Applications(appId='${appId}')`]) {
      assert.equal((await call("GET", path)).body["displayName"], "SESAR");
    }
    const found = await call("GET", `/v1.0/applications?$filter=appId eq '${appId}'`);
    assert.deepEqual(
      valuesOf(found).map((one) => one["id"]),
      [id],
    );
  });

  it("show the properties that $select names, and beta's own on beta", async () => {
    const { id } = await create("Selected");
    const read = await call("GET", `/v1.0/applications/${String(id)}?$select=id,displayName`);
    assert.deepEqual(Object.keys(read.body).sort(), ["@odata.context", "displayName", "id"]);
    const beta = await call(
      "GET",
      `/beta/applications/${String(id)}?$select=oauth2RequirePostResponse`,
    );
    assert.equal(beta.body["oauth2RequirePostResponse"], false);
  });

  const faults = [
    [
      "without a display name",
      {},
      "A value is required for property 'displayName' of resource 'Application'.",
    ],
    ["with an unknown property", { displayName: "x", colour: "red" }, "Invalid property 'colour'."],
    [
      "with an unknown nested property",
      { displayName: "x", api: { version: 2 } },
      "Invalid property 'version'.",
    ],
    [
      "with a value of the wrong type",
      { displayName: 7 },
      "Invalid value specified for property 'displayName' of resource 'Application'.",
    ],
    [
      "with an unknown audience",
      { displayName: "x", signInAudience: "Everyone" },
      "Invalid value specified for property 'signInAudience' of resource 'Application'.",
    ],
  ] as const;
  for (const [how, body, message] of faults) {
    it(`are refused ${how}`, async () => {
      const answer = await call("POST", "/v1.0/applications", body);
      assert.equal(answer.status, 400, answer.text);
      assert.deepEqual(
        [errorOf(answer).code, errorOf(answer).message],
        ["Request_BadRequest", message],
      );
    });
  }

  it("name what is not found, and an id that is none", async () => {
    const missing = await call("GET", `/v1.0/applications/${UNKNOWN}`);
    assert.equal(missing.status, 404);
    assert.equal(
      errorOf(missing).message,
      `Resource '${UNKNOWN}' does not exist or one of its queried reference-property objects are not present.`,
    );
    assert.equal(
      errorOf(await call("GET", "/v1.0/applications/abc")).message,
      "Invalid object identifier 'abc'.",
    );
    const nowhere = await call("GET", "/v1.0/elephants");
    assert.deepEqual(
      [nowhere.status, errorOf(nowhere).message],
      [400, "Resource not found for the segment 'elephants'."],
    );
    const broken = await call("POST", "/v1.0/applications", "{");
    assert.equal(broken.status, 400);
  });

  it("lie among the deleted items after deletion, with their principal gone, until restored", async () => {
    const { id, appId } = await create("Deleted");
    await call("POST", "/v1.0/servicePrincipals", { appId });
    assert.equal((await call("DELETE", `/v1.0/applications/${String(id)}`)).status, 204);
    assert.equal((await call("GET", `/v1.0/applications/${String(id)}`)).status, 404);
    assert.equal(
      (await call("GET", `/v1.0/servicePrincipals(appId='${String(appId)}')`)).status,
      404,
    );
    const items = await call("GET", "/v1.0/directory/deletedItems/microsoft.graph.application");
    assert.ok(valuesOf(items).some((one) => one["id"] === id && one["deletedDateTime"] !== null));
    assert.equal(
      (await call("POST", `/v1.0/directory/deletedItems/${String(id)}/restore`)).status,
      200,
    );
    assert.equal((await call("GET", `/v1.0/applications/${String(id)}`)).status, 200);
  });

  it("have one principal each, which follows the application's name", async () => {
    const { id, appId } = await create("Before");
    const made = await call("POST", "/v1.0/servicePrincipals", { appId });
    assert.equal(made.body["displayName"], "Before");
    await call("PATCH", `/v1.0/applications/${String(id)}`, { displayName: "After" });
    const read = await call("GET", `/v1.0/servicePrincipals/${String(made.body["id"])}`);
    assert.deepEqual([read.body["displayName"], read.body["appDisplayName"]], ["After", "After"]);
    const again = await call("POST", "/v1.0/servicePrincipals", { appId });
    assert.deepEqual(
      [again.status, errorOf(again).code],
      [409, "Request_MultipleObjectsWithSameKeyValue"],
    );
    const orphan = await call("POST", "/v1.0/servicePrincipals", { appId: UNKNOWN });
    assert.equal(
      errorOf(orphan).message,
      `The appId '${UNKNOWN}' of the service principal does not reference a valid application object.`,
    );
  });

  it("keep Microsoft's own principals", async () => {
    const graph = `/v1.0/servicePrincipals/${GRAPH_OBJECT_ID}`;
    assert.equal((await call("DELETE", graph)).status, 403);
    assert.equal((await call("PATCH", graph, { notes: "x" })).status, 403);
    const read = await call("GET", graph);
    const roles = read.body["appRoles"] as { value: string; id: string }[];
    assert.equal(roles.find((role) => role.value === "Group.Read.All")?.id, GROUP_READ_ALL);
  });

  it("list, add and remove owners by reference", async () => {
    const { id } = await create("Owned");
    const user = [...cloud.context.directory.users.keys()][0] ?? "";
    const owners = `/v1.0/applications/${String(id)}/owners`;
    const body = {
      "@odata.id": `${cloud.context.endpoints.graphUrl}/v1.0/directoryObjects/${user}`,
    };
    const administrator = await cloud.token("Directory.ReadWrite.All", "Application.ReadWrite.All");
    const act = (method: string, path: string) =>
      cloud.graph(method, path, { token: administrator, body });
    assert.equal((await act("POST", `${owners}/$ref`)).status, 204);
    assert.equal((await act("POST", `${owners}/$ref`)).status, 400);
    assert.deepEqual(
      valuesOf(await call("GET", owners)).map((one) => [one["@odata.type"], one["id"]]),
      [["#microsoft.graph.user", user]],
    );
    assert.equal((await act("DELETE", `${owners}/${user}/$ref`)).status, 204);
    assert.equal((await act("DELETE", `${owners}/${user}/$ref`)).status, 404);
  });

  describe("consent", () => {
    const path = `/v1.0/servicePrincipals/${GRAPH_OBJECT_ID}/appRoleAssignedTo`;
    const assignment = (principalId: string, appRoleId = GROUP_READ_ALL) => ({
      appRoleId,
      principalId,
      resourceId: GRAPH_OBJECT_ID,
    });

    it("is an assignment with an id without a slash, seen from both sides, and reaches the next token", async () => {
      const client = cloud.client();
      const made = await call("POST", path, assignment(client.servicePrincipalObjectId));
      assert.equal(made.status, 201, made.text);
      const { id, principalDisplayName, principalType, resourceDisplayName } = made.body;
      assert.doesNotMatch(String(id), /\//);
      assert.deepEqual(
        [principalType, principalDisplayName, resourceDisplayName],
        ["ServicePrincipal", "client", "Microsoft Graph"],
      );
      assert.equal((await call("GET", `${path}/${String(id)}`)).status, 200);
      const mine = await call(
        "GET",
        `/v1.0/servicePrincipals/${client.servicePrincipalObjectId}/appRoleAssignments`,
      );
      assert.deepEqual(
        valuesOf(mine).map((one) => one["id"]),
        [id],
      );
      assert.deepEqual(
        cloud.context.directory.rolesOf(client.servicePrincipalObjectId, graphPrincipal()),
        ["Group.Read.All"],
      );
      assert.equal((await call("DELETE", `${path}/${String(id)}`)).status, 204);
      assert.equal((await call("GET", `${path}/${String(id)}`)).status, 404);
      assert.deepEqual(
        cloud.context.directory.rolesOf(client.servicePrincipalObjectId, graphPrincipal()),
        [],
      );
    });

    it("is refused twice, for an unknown role, and for an unknown principal", async () => {
      const client = cloud.client();
      const body = assignment(client.servicePrincipalObjectId);
      await call("POST", path, body);
      const messages = [];
      for (const one of [
        body,
        { ...body, appRoleId: UNKNOWN },
        assignment(UNKNOWN),
        { ...body, resourceId: UNKNOWN },
      ]) {
        const answer = await call("POST", path, one);
        assert.equal(answer.status, 400);
        messages.push(errorOf(answer).message);
      }
      assert.deepEqual(messages, [
        "Permission being assigned already exists on the object",
        "Permission being assigned was not found on application '00000003-0000-0000-c000-000000000000'.",
        "Not a valid reference update.",
        "Not a valid reference update.",
      ]);
    });

    function graphPrincipal() {
      const found = cloud.context.directory.servicePrincipals.get(GRAPH_OBJECT_ID);
      assert.ok(found);
      return found;
    }
  });
});
