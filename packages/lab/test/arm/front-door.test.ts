// What ARM refuses before any operation runs: tokens, api-versions, subscriptions, rights.
import assert from "node:assert/strict";
import { at, Cloud, code, GROUP, message, vaultPath } from "./cloud";

describe("ARM front door", () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await Cloud.start();
  });
  after(() => cloud.stop());

  it("challenges a request without a token", async () => {
    const answer = await cloud.arm("GET", GROUP, { token: "" });
    assert.equal(answer.status, 401);
    assert.equal(code(answer), "AuthenticationFailed");
    assert.match(String(answer.headers["www-authenticate"]), /^Bearer authorization_uri="https:/);
  });

  it("names why it refuses a token", async () => {
    const issue = (audience: string, lifetimeSeconds = 3600) =>
      cloud.context.tokens.issue({
        clientId: cloud.deployer.clientId,
        servicePrincipalObjectId: cloud.deployer.objectId,
        roles: [],
        audience,
        lifetimeSeconds,
      });
    const { armUrl, graphUrl } = cloud.context.endpoints;
    const cases: [string, string][] = [
      ["garbage", "InvalidAuthenticationToken"],
      [await issue(armUrl, -60), "ExpiredAuthenticationToken"],
      [
        await issue(graphUrl || "https://graph.microsoft.com"),
        "InvalidAuthenticationTokenAudience",
      ],
    ];
    for (const [token, expected] of cases) {
      const answer = await cloud.arm("GET", GROUP, { token });
      assert.equal(answer.status, 401);
      assert.equal(code(answer), expected);
    }
  });

  it("requires an api-version that the type has", async () => {
    const { armUrl } = cloud.context.endpoints;
    const token = await cloud.token(cloud.deployer, armUrl);
    const missing = await cloud.send("GET", `${armUrl}${GROUP}`, token);
    assert.equal(code(missing), "MissingApiVersionParameter");
    const wrong = await cloud.arm("GET", GROUP, { api: "1999-01-01" });
    assert.equal(code(wrong), "NoRegisteredProviderFound");
  });

  it("knows one subscription", async () => {
    const other = "/subscriptions/00000000-0000-4000-8000-000000000000";
    assert.equal(code(await cloud.arm("GET", other)), "SubscriptionNotFound");
    assert.equal(code(await cloud.arm("GET", "/subscriptions/none")), "InvalidSubscriptionId");
    assert.equal(code(await cloud.arm("GET", "/nothing")), "MissingSubscription");
  });

  it("refuses a caller without the right in ARM's words", async () => {
    const stranger = cloud.client("stranger");
    const answer = await cloud.arm("GET", vaultPath("kv-any"), { as: stranger });
    assert.equal(answer.status, 403);
    assert.equal(code(answer), "AuthorizationFailed");
    assert.equal(
      message(answer),
      `The client '${stranger.clientId}' with object id '${stranger.objectId}' does not have authorization to perform action 'Microsoft.KeyVault/vaults/read' over scope '${vaultPath("kv-any")}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    );
  });

  it("holds the deployer to its resource group", async () => {
    const other = GROUP.replace("keyturn-lab", "elsewhere");
    const answer = await cloud.arm("PUT", other, { body: { location: "westeurope" } });
    assert.equal(code(answer), "AuthorizationFailed");
    const own = await cloud.arm("PUT", GROUP, {
      body: { location: "westeurope", tags: { a: "b" } },
    });
    assert.equal(own.status, 200);
    assert.deepEqual(at(own.body, "tags"), { a: "b" });
  });

  it("serves the metadata document without a token", async () => {
    const { armUrl, loginUrl } = cloud.context.endpoints;
    const answer = await cloud.send(
      "GET",
      `${armUrl}/metadata/endpoints?api-version=2022-09-01`,
      "",
    );
    assert.equal(at(answer.body, "authentication", "loginEndpoint"), loginUrl);
  });

  it("answers a fault that was set, as often as it was set", async () => {
    const rule = {
      server: "arm",
      pathPattern: "resourceGroups",
      status: 429,
      code: "TooManyRequests",
    } as const;
    cloud.context.faults.add({ ...rule, times: 1, retryAfterSeconds: 3 });
    const throttled = await cloud.arm("GET", GROUP);
    assert.equal(throttled.status, 429);
    assert.equal(throttled.headers["retry-after"], "3");
    assert.equal((await cloud.arm("GET", GROUP)).status, 200);
  });
});
