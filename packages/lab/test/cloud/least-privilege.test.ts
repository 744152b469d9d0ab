// The seeded deployer: its few roles suffice for all that the azuread provider does for us, and each is needed.
import assert from "node:assert/strict";
import { grantAppRole, revokeAppRole } from "../../cloud/mutations";
import { DEPLOYER_GRAPH_ROLES, GRAPH_OBJECT_ID } from "../../cloud/seed";
import { request } from "../../shared/https";
import { type Cloud, credentials, startCloud } from "./harness";

const GROUP_READ_ALL = "5b567255-7703-4780-807c-7be8301ae99b";

describe("the deploying identity", () => {
  let cloud: Cloud;
  beforeEach(async () => (cloud = await startCloud()));
  afterEach(() => cloud.close());

  /** Create, read, change and delete everything, with the caller among the owners; the statuses that are not 2xx. */
  const walk = async (): Promise<string[]> => {
    const { endpoints, seed } = cloud.context;
    const { clientId, clientSecret, servicePrincipalObjectId } = seed.deployer;
    const signedIn = await cloud.signIn(credentials(clientId, clientSecret, endpoints.graphUrl));
    const token = (signedIn.json as { access_token: string }).access_token;
    const refused: string[] = [];
    const call = async (
      method: string,
      path: string,
      body?: object,
    ): Promise<Record<string, unknown>> => {
      const answer = await cloud.graph(method, path, { token, body });
      if (answer.status >= 300)
        refused.push(`${answer.status} ${method} ${path.split("?")[0] ?? ""}`);
      return answer.body;
    };
    const owners = {
      "owners@odata.bind": [
        `${endpoints.graphUrl}/v1.0/directoryObjects/${servicePrincipalObjectId}`,
      ],
    };
    const application = await call("POST", "/v1.0/applications", {
      displayName: "SESAR",
      ...owners,
    });
    const applicationPath = `/v1.0/applications/${String(application["id"])}`;
    await call("PATCH", applicationPath, { displayName: "SESAR" });
    await call("GET", "/v1.0/applications?$filter=displayName eq 'SESAR'");
    await call("GET", `${applicationPath}/owners`);
    const password = await call("POST", `${applicationPath}/addPassword`, {});
    const principal = await call("POST", "/v1.0/servicePrincipals", {
      appId: application["appId"],
      ...owners,
    });
    const principalPath = `/v1.0/servicePrincipals/${String(principal["id"])}`;
    await call("PATCH", principalPath, { notes: null });
    const assignments = `/v1.0/servicePrincipals/${GRAPH_OBJECT_ID}/appRoleAssignedTo`;
    const assignment = {
      appRoleId: GROUP_READ_ALL,
      principalId: principal["id"],
      resourceId: GRAPH_OBJECT_ID,
    };
    const assigned = await call("POST", assignments, assignment);
    await call("GET", "/beta/groups?$filter=displayName eq 'Pro'");
    const group = (displayName: string) => ({
      displayName,
      mailEnabled: false,
      mailNickname: displayName,
      securityEnabled: true,
      ...owners,
    });
    const [outer, inner] = [
      await call("POST", "/beta/groups", group("Outer")),
      await call("POST", "/beta/groups", group("Pro")),
    ];
    const groupPath = `/beta/groups/${String(outer["id"])}`;
    const member = {
      "@odata.id": `${endpoints.graphUrl}/beta/directoryObjects/${String(inner["id"])}`,
    };
    await call("POST", `${groupPath}/members/$ref`, member);
    for (const relation of ["", "/owners", "/members", "/memberOf"])
      await call("GET", `${groupPath}${relation}`);
    await call("DELETE", `${groupPath}/members/${String(inner["id"])}/$ref`);
    await call("DELETE", groupPath);
    await call("DELETE", `${assignments}/${String(assigned["id"])}`);
    await call("POST", `${applicationPath}/removePassword`, { keyId: password["keyId"] });
    await call("DELETE", principalPath);
    await call("DELETE", applicationPath);
    return refused;
  };

  it("does everything with its least roles", async () => {
    assert.deepEqual(await walk(), []);
  });

  for (const role of DEPLOYER_GRAPH_ROLES) {
    it(`is refused somewhere without ${role}, and no more once it is back`, async () => {
      const { directory, seed } = cloud.context;
      assert.ok(revokeAppRole(directory, seed.deployer.clientId, role));
      assert.equal(revokeAppRole(directory, seed.deployer.clientId, role), false);
      assert.ok((await walk()).some((line) => line.startsWith("403 ")));
      grantAppRole(directory, seed.deployer.clientId, role);
      assert.deepEqual(await walk(), []);
    });
  }

  it("has no rights over what others own, nor over users", async () => {
    const { endpoints, seed } = cloud.context;
    const { clientId, clientSecret } = seed.deployer;
    const signedIn = await cloud.signIn(credentials(clientId, clientSecret, endpoints.graphUrl));
    const token = (signedIn.json as { access_token: string }).access_token;
    const stranger = cloud.client();
    const path = `/v1.0/applications/${stranger.applicationObjectId}`;
    assert.equal(
      (await cloud.graph("POST", `${path}/addPassword`, { token, body: {} })).status,
      403,
    );
    assert.equal((await cloud.graph("GET", "/v1.0/users", { token })).status, 403);
    assert.equal((await cloud.graph("GET", path, { token })).status, 200);
  });
});

describe("the metadata document", () => {
  let cloud: Cloud;
  before(async () => (cloud = await startCloud()));
  after(() => cloud.close());

  it("names every address of the lab, and needs no sign-in", async () => {
    const { endpoints, certificates } = cloud.context;
    Object.assign(endpoints, { armUrl: "https://localhost:3", vaultPort: 4 });
    const url = `${endpoints.loginUrl}/metadata/endpoints?api-version=2022-09-01`;
    const answer = await request({ method: "GET", url, caPem: certificates.caPem });
    const { authentication, microsoftGraphResourceId, resourceManager, suffixes } =
      answer.json as Record<string, Record<string, unknown>>;
    assert.equal(authentication?.["loginEndpoint"], endpoints.loginUrl);
    assert.equal(microsoftGraphResourceId, endpoints.graphUrl);
    assert.equal(resourceManager, "https://localhost:3");
    assert.equal(suffixes?.["keyVaultDns"], "vault.localhost:4");
  });
});
