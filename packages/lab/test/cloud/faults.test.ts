// Injected faults on the wire: matched in order, counted down, in the shape of the product they hit.
import assert from "node:assert/strict";
import { requestWithRetry } from "../../shared/https";
import { type Cloud, credentials, startCloud } from "./harness";

describe("Faults", () => {
  let cloud: Cloud;
  let token: string;
  before(async () => {
    cloud = await startCloud();
    token = await cloud.token("Group.Read.All", "Group.ReadWrite.All");
  });
  after(() => cloud.close());
  afterEach(() => cloud.context.faults.clear());

  const groups = () => cloud.graph("GET", "/v1.0/groups", { token });
  const throttle = {
    server: "graph",
    pathPattern: "/groups",
    status: 429,
    code: "TooManyRequests",
    times: 1,
  } as const;

  it("answers in Graph's shape with Retry-After, as often as it was told", async () => {
    cloud.context.faults.add({ ...throttle, retryAfterSeconds: 7, times: 2 });
    const first = await groups();
    assert.equal(first.status, 429);
    assert.equal(first.headers["retry-after"], "7");
    assert.equal((first.body["error"] as { code: string }).code, "TooManyRequests");
    assert.equal((await groups()).status, 429);
    assert.equal((await groups()).status, 200);
    const [state] = cloud.context.faults.list();
    assert.deepEqual([state?.hits, state?.remaining], [2, 0]);
  });

  it("hits only the server, the method and the path of its rule", async () => {
    cloud.context.faults.add({ ...throttle, server: "arm" });
    cloud.context.faults.add({ ...throttle, method: "POST" });
    cloud.context.faults.add({ ...throttle, pathPattern: "/users" });
    assert.equal((await groups()).status, 200);
  });

  it("matches the decoded query", async () => {
    cloud.context.faults.add({ ...throttle, pathPattern: "displayName eq 'Pro'" });
    assert.equal((await groups()).status, 200);
    const path = "/v1.0/groups?$filter=displayName eq 'Pro'";
    assert.equal((await cloud.graph("GET", path, { token })).status, 429);
  });

  it("lets the first requests pass that it is to skip", async () => {
    cloud.context.faults.add({ ...throttle, skip: 1 });
    assert.deepEqual([(await groups()).status, (await groups()).status], [200, 429]);
  });

  it("does the work and loses the answer when it strikes after", async () => {
    cloud.context.faults.add({
      ...throttle,
      method: "POST",
      status: 503,
      code: "ServiceUnavailable",
      when: "after",
    });
    const body = {
      displayName: "Lost",
      mailEnabled: false,
      mailNickname: "lost",
      securityEnabled: true,
    };
    const answer = await cloud.graph("POST", "/v1.0/groups", { token, body });
    assert.equal(answer.status, 503);
    const found = await cloud.graph("GET", "/v1.0/groups?$filter=displayName eq 'Lost'", { token });
    assert.equal((found.json as { value: unknown[] }).value.length, 1);
  });

  it("cuts the connection", async () => {
    cloud.context.faults.add({ ...throttle, disconnect: true });
    await assert.rejects(groups(), /socket hang up|ECONNRESET/);
    assert.equal((await groups()).status, 200);
  });

  it("answers in Entra's shape at the sign-in server", async () => {
    cloud.context.faults.add({
      server: "login",
      pathPattern: "token",
      status: 503,
      code: "AADSTS90033",
      message: "A transient error has occurred.",
      times: 1,
    });
    const { clientId, clientSecret } = cloud.client();
    const fields = credentials(clientId, clientSecret, cloud.context.endpoints.graphUrl);
    const answer = await cloud.signIn(fields);
    assert.equal(answer.status, 503);
    assert.deepEqual((answer.json as { error_codes: number[] }).error_codes, [90033]);
    assert.equal((await cloud.signIn(fields)).status, 200);
  });

  it("is outlived by a client that retries", async () => {
    cloud.context.faults.add({ ...throttle, times: 2, retryAfterSeconds: 0 });
    const answer = await requestWithRetry({
      method: "GET",
      url: `${cloud.context.endpoints.graphUrl}/v1.0/groups`,
      headers: { authorization: `Bearer ${token}` },
      caPem: cloud.context.certificates.caPem,
    });
    assert.equal(answer.status, 200);
  });
});
