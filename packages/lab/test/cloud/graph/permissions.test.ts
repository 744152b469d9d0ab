// Each operation against the caller's roles: refused without, let through with each alternative its page names.
import assert from "node:assert/strict";
import { GRAPH_APP_ROLES } from "../../../cloud/seed-roles";
import { OPERATIONS } from "../../../cloud/graph/catalogue";
import { type Client, type Cloud, credentials, errorOf, startCloud } from "../harness";

const NOWHERE = "99999999-0000-4000-8000-000000000000";

describe("Graph permissions", () => {
  let cloud: Cloud;
  before(async () => (cloud = await startCloud()));
  after(() => cloud.close());

  it("refuses a call without a token, with a forged one and with one for another resource", async () => {
    const absent = await cloud.graph("GET", "/v1.0/groups", {});
    assert.equal(absent.status, 401);
    assert.deepEqual(
      [errorOf(absent).code, errorOf(absent).message],
      ["InvalidAuthenticationToken", "Access token is empty."],
    );
    assert.match(absent.headers["www-authenticate"] ?? "", /^Bearer realm="", authorization_uri=/);
    const forged = await cloud.graph("GET", "/v1.0/groups", { token: "a.b.c" });
    assert.equal(forged.status, 401);
    const { clientId, clientSecret } = cloud.client("Group.Read.All");
    const vault = {
      ...credentials(clientId, clientSecret, ""),
      scope: "https://vault.azure.net/.default",
    };
    const other = (await cloud.signIn(vault)).json as { access_token: string };
    const misused = await cloud.graph("GET", "/v1.0/groups", { token: other.access_token });
    assert.equal(errorOf(misused).message, "Access token validation failure. Invalid audience.");
  });

  const published = new Set(GRAPH_APP_ROLES.map((role) => role.value));
  for (const operation of OPERATIONS) {
    const { method, path, permissions } = operation;
    it(`asks for a named role on ${method} ${path}`, async () => {
      assert.ok(permissions.length > 0);
      const path_ = `/beta${path.replaceAll(/:\w+/g, NOWHERE)}`;
      const call = async (roles: readonly string[]) =>
        cloud.graph(method, path_, {
          token: await cloud.token(...roles),
          body: method === "GET" ? undefined : {},
        });
      const refused = await call(["Mail.Read"]);
      assert.equal(refused.status, 403, refused.text);
      for (const alternative of permissions) {
        const roles = alternative.split(" and ");
        for (const role of roles) assert.ok(published.has(role), `${role} is not published`);
        assert.notEqual((await call(roles)).status, 403, alternative);
      }
    });
  }

  describe("of an owner", () => {
    let owner: Client;
    let token: string;
    beforeEach(async () => {
      owner = cloud.client("Application.ReadWrite.OwnedBy", "Group.Create");
      const { endpoints } = cloud.context;
      const fields = credentials(owner.clientId, owner.clientSecret, endpoints.graphUrl);
      token = ((await cloud.signIn(fields)).json as { access_token: string }).access_token;
    });

    it("let Application.ReadWrite.OwnedBy change the applications that the caller made, and no other", async () => {
      const made = await cloud.graph("POST", "/v1.0/applications", {
        token,
        body: { displayName: "Mine" },
      });
      assert.equal(made.status, 201, made.text);
      const path = (id: unknown) => `/v1.0/applications/${String(id)}`;
      const body = { displayName: "Renamed" };
      assert.equal(
        (await cloud.graph("PATCH", path(made.body["id"]), { token, body })).status,
        204,
      );
      const foreign = cloud.client();
      const refused = await cloud.graph("PATCH", path(foreign.applicationObjectId), {
        token,
        body,
      });
      assert.equal(errorOf(refused).code, "Authorization_RequestDenied");
      const secret = await cloud.graph("POST", `${path(foreign.applicationObjectId)}/addPassword`, {
        token,
        body: {},
      });
      assert.equal(secret.status, 403);
    });

    it("end when the caller takes itself off the owners", async () => {
      const made = await cloud.graph("POST", "/v1.0/applications", {
        token,
        body: { displayName: "Mine" },
      });
      const path = `/v1.0/applications/${String(made.body["id"])}`;
      const self = `${path}/owners/${owner.servicePrincipalObjectId}/$ref`;
      assert.equal((await cloud.graph("DELETE", self, { token })).status, 204);
      assert.equal(
        (await cloud.graph("POST", `${path}/addPassword`, { token, body: {} })).status,
        403,
      );
    });

    it("let a principal be made only for an application that the caller owns", async () => {
      const made = await cloud.graph("POST", "/v1.0/applications", {
        token,
        body: { displayName: "Mine" },
      });
      const appId = made.body["appId"];
      assert.equal(
        (await cloud.graph("POST", "/v1.0/servicePrincipals", { token, body: { appId } })).status,
        201,
      );
      const foreign = cloud.context.directory.createApplication({ displayName: "Foreign" });
      const body = { appId: foreign.clientId };
      const refused = await cloud.graph("POST", "/v1.0/servicePrincipals", { token, body });
      assert.equal(refused.status, 403);
      assert.match(
        errorOf(refused).message,
        /^When using this permission, the backing application/,
      );
    });

    it("let Group.Create manage the groups that the caller owns, and no other", async () => {
      const bind = `${cloud.context.endpoints.graphUrl}/v1.0/directoryObjects/${owner.servicePrincipalObjectId}`;
      const group = (name: string, owners: string[]) => ({
        displayName: name,
        mailEnabled: false,
        mailNickname: name,
        securityEnabled: true,
        "owners@odata.bind": owners,
      });
      const mine = await cloud.graph("POST", "/beta/groups", {
        token,
        body: group("mine", [bind]),
      });
      const other = await cloud.graph("POST", "/beta/groups", { token, body: group("other", []) });
      const statuses = async (id: unknown) => {
        const path = `/beta/groups/${String(id)}`;
        const body = { "@odata.id": bind };
        return [
          (await cloud.graph("PATCH", path, { token, body: { description: "x" } })).status,
          (await cloud.graph("POST", `${path}/members/$ref`, { token, body })).status,
          (await cloud.graph("DELETE", path, { token })).status,
        ];
      };
      assert.deepEqual(await statuses(mine.body["id"]), [204, 204, 204]);
      assert.deepEqual(await statuses(other.body["id"]), [403, 403, 403]);
    });
  });
});
