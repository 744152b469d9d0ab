// addPassword and removePassword: the value once, in Entra's shape; dates, policy and unknown properties refused.
import assert from "node:assert/strict";
import { allSecretValues, credentialsStatus } from "../../../cloud/credentials";
import { setAppManagementPolicy } from "../../../cloud/mutations";
import { type Client, type Cloud, credentials, errorOf, startCloud } from "../harness";

const SECRET_SHAPE = /^[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}$/;

describe("addPassword and removePassword", () => {
  let cloud: Cloud;
  let token: string;
  let target: Client;
  before(async () => {
    cloud = await startCloud();
    token = await cloud.token("Application.ReadWrite.All", "Application.Read.All");
  });
  after(() => cloud.close());
  beforeEach(() => {
    target = cloud.client();
    setAppManagementPolicy(cloud.context.directory, { isEnabled: false });
  });

  const add = (passwordCredential?: object, set = "applications") => {
    const id =
      set === "applications" ? target.applicationObjectId : target.servicePrincipalObjectId;
    const body = passwordCredential === undefined ? {} : { passwordCredential };
    return cloud.graph("POST", `/v1.0/${set}/${id}/addPassword`, { token, body });
  };

  for (const set of ["applications", "servicePrincipals"]) {
    it(`gives the value once, and its first three characters ever after, under ${set}`, async () => {
      const end = "2027-05-01T00:00:00Z";
      const added = await add({ displayName: "sesar 2026-05", endDateTime: end }, set);
      assert.equal(added.status, 200, added.text);
      const { secretText, keyId, hint, endDateTime, displayName } = added.body;
      assert.match(String(secretText), SECRET_SHAPE);
      assert.equal(hint, String(secretText).slice(0, 3));
      assert.deepEqual([displayName, endDateTime], ["sesar 2026-05", end]);
      const id =
        set === "applications" ? target.applicationObjectId : target.servicePrincipalObjectId;
      const read = await cloud.graph("GET", `/v1.0/${set}/${id}`, { token });
      const shown = (read.body["passwordCredentials"] as Record<string, unknown>[]).find(
        (one) => one["keyId"] === keyId,
      );
      assert.deepEqual(shown, {
        customKeyIdentifier: null,
        displayName,
        endDateTime,
        hint,
        keyId,
        secretText: null,
        startDateTime: added.body["startDateTime"],
      });
      assert.ok(!read.text.includes(String(secretText)));
    });
  }

  it("ends two years after its start when no end is given", async () => {
    const added = await add();
    assert.equal(added.body["startDateTime"], "2026-05-04T08:00:00.000Z");
    assert.equal(added.body["endDateTime"], "2028-05-04T08:00:00.000Z");
  });

  const refusals = [
    ["an end in the past", { endDateTime: "2026-05-04T07:59:59Z" }, "KeyCredentialsInvalidEndDate"],
    [
      "an end before its start",
      { startDateTime: "2026-06-02T00:00:00Z", endDateTime: "2026-06-01T00:00:00Z" },
      "KeyCredentialsInvalidEndDate",
    ],
    [
      "a start in the past",
      { startDateTime: "2026-05-01T00:00:00Z" },
      "KeyCredentialsInvalidStartDate",
    ],
    ["an unknown property", { endDate: "2027-05-01T00:00:00Z" }, "Request_BadRequest"],
    ["a date that is none", { endDateTime: "next year" }, "Request_BadRequest"],
    ["a value of its own", { secretText: "mine" }, "Request_BadRequest"],
  ] as const;
  for (const [what, body, code] of refusals) {
    it(`refuses ${what}`, async () => {
      const answer = await add(body);
      assert.deepEqual([answer.status, errorOf(answer).code], [400, code]);
    });
  }

  it("refuses a life longer than the tenant's policy allows, a default one too", async () => {
    setAppManagementPolicy(cloud.context.directory, {
      isEnabled: true,
      passwordMaxLifetime: "P180D",
    });
    for (const body of [undefined, { endDateTime: "2026-11-01T00:00:00Z" }]) {
      const answer = await add(body);
      assert.equal(answer.status, 400);
      assert.equal(errorOf(answer).code, "CredentialInvalidLifetimeAsPerAppPolicy");
      assert.match(errorOf(answer).message, /^Credential lifetime exceeds the max value allowed/);
    }
    assert.equal((await add({ endDateTime: "2026-10-31T08:00:00Z" })).status, 200);
  });

  it("refuses any password when the tenant's policy forbids them", async () => {
    setAppManagementPolicy(cloud.context.directory, { isEnabled: true, passwordAddition: true });
    assert.equal(errorOf(await add()).code, "CredentialTypeNotAllowedAsPerAppPolicy");
    setAppManagementPolicy(cloud.context.directory, { passwordAddition: false });
  });

  it("refuses passwords by PATCH", async () => {
    const path = `/v1.0/applications/${target.applicationObjectId}`;
    const body = { passwordCredentials: [{ displayName: "x" }] };
    const answer = await cloud.graph("PATCH", path, { token, body });
    assert.deepEqual([answer.status, errorOf(answer).code], [400, "Request_BadRequest"]);
  });

  it("removes exactly the key id it is given, and refuses it a second time", async () => {
    const keep = await add({ displayName: "keep" });
    const path = `/v1.0/applications/${target.applicationObjectId}`;
    const remove = () =>
      cloud.graph("POST", `${path}/removePassword`, { token, body: { keyId: target.keyId } });
    assert.equal((await remove()).status, 204);
    const read = await cloud.graph("GET", path, { token });
    const shown = (read.body["passwordCredentials"] as { keyId: string }[]).map((one) => one.keyId);
    assert.deepEqual(shown, [keep.body["keyId"]]);
    const again = await remove();
    assert.equal(again.status, 400);
    assert.match(errorOf(again).message, /No password credential found with keyId/);
  });

  it("leave every value that ever was to the search for leaks", async () => {
    const added = await add();
    const path = `/v1.0/applications/${target.applicationObjectId}`;
    await cloud.graph("DELETE", path, { token });
    await cloud.graph("DELETE", `/v1.0/directory/deletedItems/${target.applicationObjectId}`, {
      token,
    });
    const values = allSecretValues(cloud.context.directory);
    assert.ok(values.includes(String(added.body["secretText"])));
    assert.ok(values.includes(cloud.context.seed.deployer.clientSecret));
  });

  it("shows in the status what is accepted, what is not and why, and what was removed when", async () => {
    const fresh = await add({ displayName: "fresh", endDateTime: "2027-05-01T00:00:00Z" });
    const { endpoints, directory, clock } = cloud.context;
    await cloud.signIn(credentials(target.clientId, target.clientSecret, endpoints.graphUrl));
    const status = () => credentialsStatus(directory, target.clientId)[0]?.passwords ?? [];
    const brief = () => status().map((one) => [one.acceptedNow, one.refusedBecause, one.signIns]);
    assert.deepEqual(brief(), [
      [true, undefined, 1],
      [false, "not yet propagated", 0],
    ]);
    clock.advance("PT3S");
    const path = `/v1.0/applications/${target.applicationObjectId}/removePassword`;
    await cloud.graph("POST", path, { token, body: { keyId: target.keyId } });
    assert.deepEqual(brief(), [
      [false, "removed", 1],
      [true, undefined, 0],
    ]);
    assert.equal(status()[0]?.removedAt, clock.now().toISOString());
    clock.set(new Date("2027-05-01T00:00:00Z"));
    assert.equal(status()[1]?.refusedBecause, "expired");
    assert.equal(status()[1]?.keyId, fresh.body["keyId"]);
    clock.set(new Date("2026-05-04T08:00:00Z"));
  });
});
