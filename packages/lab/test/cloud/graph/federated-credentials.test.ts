// Federated identity credentials over Graph: made, listed, changed and deleted by an owner, refused to others, unique.
import assert from "node:assert/strict";
import { type Client, type Cloud, credentials, errorOf, startCloud, valuesOf } from "../harness";

const GIVEN = {
  name: "production",
  issuer: "https://token.actions.githubusercontent.com",
  subject: "repo:contoso/keyturn:environment:production",
  audiences: ["api://AzureADTokenExchange"],
};

describe("federatedIdentityCredentials", () => {
  let cloud: Cloud;
  let token: string;
  let target: Client;
  before(async () => {
    cloud = await startCloud();
    token = await cloud.token("Application.ReadWrite.All");
  });
  after(() => cloud.close());
  beforeEach(() => (target = cloud.client()));

  const path = (rest = ""): string =>
    `/v1.0/applications/${target.applicationObjectId}/federatedIdentityCredentials${rest}`;
  const make = (change: object = {}) =>
    cloud.graph("POST", path(), { token, body: { ...GIVEN, ...change } });

  it("come back as they were given, with an id, in a list and by id and name", async () => {
    const made = await make();
    assert.equal(made.status, 201, made.text);
    const { id, "@odata.context": context } = made.body;
    const shown = { ...GIVEN, id, description: null };
    assert.deepEqual(made.body, { "@odata.context": context, ...shown });
    assert.deepEqual(valuesOf(await cloud.graph("GET", path(), { token })), [shown]);
    for (const key of [String(id), GIVEN.name]) {
      assert.equal((await cloud.graph("GET", path(`/${key}`), { token })).body["id"], id);
    }
  });

  it("can be changed but for the name, and are gone once they are deleted", async () => {
    const { id } = (await make()).body;
    const one = path(`/${String(id)}`);
    const subject = "repo:contoso/keyturn:environment:test";
    assert.equal((await cloud.graph("PATCH", one, { token, body: { subject } })).status, 204);
    assert.equal((await cloud.graph("GET", one, { token })).body["subject"], subject);
    const renamed = await cloud.graph("PATCH", one, { token, body: { name: "other" } });
    assert.equal(renamed.status, 400);
    assert.equal((await cloud.graph("DELETE", one, { token })).status, 204);
    assert.equal((await cloud.graph("GET", one, { token })).status, 404);
    assert.deepEqual(valuesOf(await cloud.graph("GET", path(), { token })), []);
  });

  it("are refused a second time under the same name, or with the same issuer and subject", async () => {
    await make();
    for (const change of [{ subject: "another" }, { name: "another" }]) {
      const again = await make(change);
      assert.equal(again.status, 409, again.text);
      assert.equal(errorOf(again).code, "Request_MultipleObjectsWithSameKeyValue");
    }
    assert.equal((await make({ name: "another", subject: "another" })).status, 201);
  });

  it("are refused beyond twenty, without a subject, and with two audiences", async () => {
    for (const change of [{ subject: undefined }, { audiences: ["one", "two"] }]) {
      assert.equal((await make(change)).status, 400);
    }
    for (let nth = 0; nth < 20; nth += 1) {
      assert.equal((await make({ name: `n${nth}`, subject: `s${nth}` })).status, 201);
    }
    assert.equal((await make()).status, 400);
  });

  it("are an owner's to make, and nobody's who has OwnedBy and owns something else", async () => {
    const owner = cloud.client("Application.ReadWrite.OwnedBy");
    const { endpoints, directory } = cloud.context;
    const signedIn = await cloud.signIn(
      credentials(owner.clientId, owner.clientSecret, endpoints.graphUrl),
    );
    const { access_token: own } = signedIn.json as { access_token: string };
    const tryIt = () => cloud.graph("POST", path(), { token: own, body: GIVEN });
    assert.equal((await tryIt()).status, 403);
    directory.applications
      .get(target.applicationObjectId)
      ?.ownerObjectIds.add(owner.servicePrincipalObjectId);
    assert.equal((await tryIt()).status, 201);
  });
});
