// The sign-in log as beta shows it, and the app management policy.
import assert from "node:assert/strict";
import { type Cloud, credentials, errorOf, startCloud, valuesOf } from "../harness";

const EVENTS = "signInEventTypes/any(t: t eq 'servicePrincipal')";

describe("Graph auditLogs/signIns", () => {
  let cloud: Cloud;
  let token: string;
  before(async () => {
    cloud = await startCloud();
    token = await cloud.token("AuditLog.Read.All");
  });
  after(() => cloud.close());

  const read = (filter?: string, version = "beta") => {
    const query = filter === undefined ? "" : `?$filter=${encodeURIComponent(filter)}`;
    return cloud.graph("GET", `/${version}/auditLogs/signIns${query}`, { token });
  };
  const signIn = (clientId: string, secret: string) =>
    cloud.signIn(credentials(clientId, secret, cloud.context.endpoints.graphUrl));

  it("names the key id of each sign-in of a client, newest first", async () => {
    const client = cloud.client();
    await signIn(client.clientId, "wrong");
    cloud.context.clock.advance("PT1M");
    await signIn(client.clientId, client.clientSecret);
    const found = await read(`${EVENTS} and appId eq '${client.clientId}'`);
    const brief = valuesOf(found).map((one) => [
      (one["status"] as { errorCode: number }).errorCode,
      one["servicePrincipalCredentialKeyId"],
    ]);
    assert.deepEqual(brief, [
      [0, client.keyId],
      [7000215, null],
    ]);
    const since = cloud.context.clock.now().toISOString();
    const recent = await read(
      `${EVENTS} and appId eq '${client.clientId}' and createdDateTime ge ${since}`,
    );
    assert.equal(valuesOf(recent).length, 1);
  });

  it("shows nothing of service principals unless they are asked for, and on v1.0 never", async () => {
    const client = cloud.client();
    await signIn(client.clientId, client.clientSecret);
    assert.deepEqual(valuesOf(await read(`appId eq '${client.clientId}'`)), []);
    assert.deepEqual(valuesOf(await read(EVENTS, "v1.0")), []);
  });

  it("comes late when the log is told to", async () => {
    cloud.context.directory.settings.signInLogDelaySeconds = 300;
    const client = cloud.client();
    await signIn(client.clientId, client.clientSecret);
    const count = async () =>
      valuesOf(await read(`${EVENTS} and appId eq '${client.clientId}'`)).length;
    assert.equal(await count(), 0);
    cloud.context.clock.advance("PT5M");
    assert.equal(await count(), 1);
  });

  it("is refused without the role, and without the licence", async () => {
    const stranger = await cloud.token("Directory.ReadWrite.All");
    const refused = await cloud.graph("GET", "/beta/auditLogs/signIns", { token: stranger });
    assert.equal(errorOf(refused).code, "Authentication_MSGraphPermissionMissing");
    cloud.context.directory.settings.premiumLicence = false;
    const unlicensed = await read(EVENTS);
    assert.equal(errorOf(unlicensed).code, "Authentication_RequestFromNonPremiumTenantOrB2CTenant");
    cloud.context.directory.settings.premiumLicence = true;
  });
});

describe("Graph reports/appCredentialSignInActivities", () => {
  let cloud: Cloud;
  let token: string;
  before(async () => {
    cloud = await startCloud();
    token = await cloud.token("AuditLog.Read.All");
  });
  after(() => cloud.close());

  const read = (clientId: string, version = "beta", bearer = token) => {
    const filter = encodeURIComponent(`appId eq '${clientId}'`);
    const path = `/${version}/reports/appCredentialSignInActivities?$filter=${filter}`;
    return cloud.graph("GET", path, { token: bearer });
  };

  it("names the last success with each key id, as late as the log", async () => {
    const client = cloud.client();
    const signIn = (secret: string) =>
      cloud.signIn(credentials(client.clientId, secret, cloud.context.endpoints.graphUrl));
    await signIn(client.clientSecret);
    cloud.context.clock.advance("PT1M");
    await signIn(client.clientSecret);
    const last = cloud.context.directory.signIns.at(-1);
    await signIn("wrong");
    const told = (found: Awaited<ReturnType<typeof read>>) =>
      valuesOf(found).map((one) => [one["keyId"], one["signInActivity"]]);
    assert.deepEqual(told(await read(client.clientId)), [
      [client.keyId, { lastSignInDateTime: last?.at, lastSignInRequestId: last?.signInId }],
    ]);
    cloud.context.directory.settings.signInLogDelaySeconds = 300;
    assert.deepEqual(told(await read(client.clientId)), []);
    cloud.context.directory.settings.signInLogDelaySeconds = 0;
  });

  it("is refused without the role, without the licence, and on v1.0", async () => {
    const client = cloud.client();
    const stranger = await cloud.token("Group.Read.All");
    assert.equal((await read(client.clientId, "beta", stranger)).status, 403);
    assert.equal((await read(client.clientId, "v1.0")).status, 400);
    cloud.context.directory.settings.premiumLicence = false;
    const unlicensed = await read(client.clientId);
    assert.equal(errorOf(unlicensed).code, "Authentication_RequestFromNonPremiumTenantOrB2CTenant");
    cloud.context.directory.settings.premiumLicence = true;
  });
});

describe("Graph defaultAppManagementPolicy", () => {
  let cloud: Cloud;
  before(async () => (cloud = await startCloud()));
  after(() => cloud.close());

  it("takes and shows restrictions on passwords", async () => {
    const token = await cloud.token("Policy.Read.All", "Policy.ReadWrite.ApplicationConfiguration");
    const path = "/v1.0/policies/defaultAppManagementPolicy";
    const passwordCredentials = [{ restrictionType: "passwordLifetime", maxLifetime: "P90D" }];
    const body = { isEnabled: true, applicationRestrictions: { passwordCredentials } };
    assert.equal((await cloud.graph("PATCH", path, { token, body })).status, 204);
    assert.deepEqual(cloud.context.directory.appManagementPolicy, {
      isEnabled: true,
      passwordAddition: false,
      passwordMaxLifetime: "P90D",
    });
    const read = await cloud.graph("GET", path, { token });
    const shown = read.body["applicationRestrictions"] as {
      passwordCredentials: { maxLifetime: string }[];
    };
    assert.deepEqual(
      shown.passwordCredentials.map((one) => one.maxLifetime),
      ["P90D"],
    );
  });
});
