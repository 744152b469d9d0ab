// Entra's report of credentials as the program reads it, against the lab's: what it takes of it, and the state of each refusal.
import assert from "node:assert/strict";
import { GraphReader } from "../../../src/http/graph";
import { readCredentialActivity } from "../../../src/observe/credential-activity";
import type { Cloud } from "../../../packages/lab/test/cloud/harness";
import { credentials, startTrustedCloud } from "../../../packages/lab/test/cloud/harness";

describe("readCredentialActivity", () => {
  let cloud: Cloud;
  let bearer: string;
  before(async () => {
    cloud = await startTrustedCloud();
    bearer = await cloud.token("AuditLog.Read.All");
  });
  after(() => cloud.close());
  beforeEach(() => cloud.context.faults.clear());

  const reader = (token = bearer): Promise<GraphReader> =>
    Promise.resolve(new GraphReader(cloud.context.endpoints.graphUrl, token, 1));
  const fault = (status: number, code: string) =>
    cloud.context.faults.add({
      server: "graph",
      pathPattern: "appCredentialSignInActivities",
      status,
      code,
      times: 9,
    });

  it("tells the last use of each of the application's secrets, and of no other's", async () => {
    const [client, other] = [cloud.client(), cloud.client()];
    for (const { clientId, clientSecret } of [client, other]) {
      await cloud.signIn(credentials(clientId, clientSecret, cloud.context.endpoints.graphUrl));
    }
    const own = cloud.context.directory.signIns.find((one) => one.clientId === client.clientId);
    const { keyId } = client;
    const use = { keyId, at: new Date(own?.at ?? "").toISOString(), requestId: own?.signInId };
    assert.deepEqual(await readCredentialActivity(reader(), client.clientId), { uses: [use] });
  });

  const states: [what: string, given: () => unknown, state: string, why: RegExp][] = [
    ["the right is missing", () => fault(403, "Forbidden"), "rightMissing", /AuditLog\.Read\.All/],
    [
      "the licence is missing",
      () => fault(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant"),
      "licenceMissing",
      /Entra ID P1 or P2/,
    ],
    ["Graph is throttled", () => fault(429, "TooManyRequests"), "throttled", /next run asks again/],
    [
      "the cloud has no such report",
      () => fault(404, "NotFound"),
      "unread",
      /answers 404 NotFound/,
    ],
  ];
  for (const [what, given, state, why] of states) {
    it(`is ${state}, and no error, where ${what}`, async () => {
      given();
      const told = await readCredentialActivity(reader(), cloud.client().clientId);
      assert.equal(told.uses, undefined);
      assert.equal("state" in told && told.state, state);
      assert.match("why" in told ? told.why : "", why);
    });
  }

  it("is unread, and no error, where nobody may sign in to Graph", async () => {
    const told = await readCredentialActivity(Promise.reject(new Error("no identity")), "client");
    assert.deepEqual(told, {
      uses: undefined,
      state: "unread",
      why: "no identity. The next run asks again.",
    });
  });
});
