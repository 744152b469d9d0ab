// Event Grid's alarms on vaults: what ARM accepts, and what is raised on the way when the clock moves on.
import assert from "node:assert/strict";
import { at, Cloud, code, GROUP, message, vaultPath } from "./cloud";

const ACTION_GROUP = `${GROUP}/providers/Microsoft.Insights/actionGroups/on-call`;
const NEAR = "Microsoft.KeyVault.SecretNearExpiry";
const EXPIRED = "Microsoft.KeyVault.SecretExpired";
const topicPath = (name: string): string =>
  `${GROUP}/providers/Microsoft.EventGrid/systemTopics/${name}`;
const topicBody = (vault: string): object => ({
  location: "westeurope",
  properties: { source: vaultPath(vault), topicType: "Microsoft.KeyVault.vaults" },
});
const subscriptionBody = (more: object = {}): { properties: object } => ({
  properties: {
    destination: {
      endpointType: "MonitorAlert",
      properties: { severity: "Sev1", actionGroups: [ACTION_GROUP] },
    },
    eventDeliverySchema: "CloudEventSchemaV1_0",
    filter: { includedEventTypes: [NEAR, EXPIRED] },
    ...more,
  },
});

describe("Event Grid on a vault", () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await Cloud.start();
    await cloud.createVault("kv-watched");
  });
  after(() => cloud.stop());

  const put = (path: string, body: object): ReturnType<Cloud["arm"]> =>
    cloud.arm("PUT", path, { body, api: "2025-02-15" });
  const alerts = (): { at: string; eventType: string; secret: string }[] =>
    cloud.resources.topics.alerts(cloud.resources.vaults, cloud.context.clock.now());

  it("makes one topic for a vault, and refuses a second by the first one's name", async () => {
    assert.equal((await put(topicPath("watch"), topicBody("kv-watched"))).status, 201);
    assert.equal((await put(topicPath("watch"), topicBody("kv-watched"))).status, 200);
    const second = await put(topicPath("other"), topicBody("kv-watched"));
    assert.equal(second.status, 400);
    assert.match(message(second), /existing one for .* is watch/);
  });

  it("refuses a topic on a vault that is not there", async () => {
    const answer = await put(topicPath("nowhere"), topicBody("kv-nowhere"));
    assert.equal(code(answer), "InvalidRequest");
  });

  for (const [what, body, text] of [
    [
      "another destination",
      subscriptionBody({
        destination: { endpointType: "WebHook", properties: { severity: "Sev1" } },
      }),
      /MonitorAlert only/,
    ],
    [
      "Event Grid's own schema",
      subscriptionBody({ eventDeliverySchema: "EventGridSchema" }),
      /CloudEvent/,
    ],
    [
      "an action group that is none",
      subscriptionBody({
        destination: {
          endpointType: "MonitorAlert",
          properties: { severity: "Sev1", actionGroups: ["mail@example.com"] },
        },
      }),
      /actionGroups/,
    ],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const answer = await put(`${topicPath("watch")}/eventSubscriptions/near`, body);
      assert.equal(answer.status, 400);
      assert.match(message(answer), text);
    });
  }

  it("asks for the right to write", async () => {
    const as = cloud.client("nobody");
    const answer = await cloud.arm("PUT", topicPath("watch"), {
      as,
      body: topicBody("kv-watched"),
      api: "2025-02-15",
    });
    assert.equal(code(answer), "AuthorizationFailed");
  });

  it("raises an alert 30 days before the end of the current version, and at its end", async () => {
    const made = await put(`${topicPath("watch")}/eventSubscriptions/near`, subscriptionBody());
    assert.equal(made.status, 201);
    assert.equal(at(made.body, "properties", "provisioningState"), "Succeeded");
    const expires = Math.floor(cloud.context.clock.now().getTime() / 1000) + 40 * 86_400;
    const set = (value: string, end: number): ReturnType<Cloud["vault"]> =>
      cloud.vault("PUT", "kv-watched", "/secrets/held", {
        body: { value, attributes: { exp: end } },
      });
    assert.equal((await set("one", expires)).status, 200);
    cloud.context.clock.advance("P9D");
    assert.deepEqual(alerts(), []);
    cloud.context.clock.advance("P2D");
    assert.deepEqual(
      alerts().map(({ eventType, secret }) => [eventType, secret]),
      [[NEAR, "held"]],
    );
    // The rotation comes at last: the new version is far from its end, the former one is no more the current.
    assert.equal((await set("two", expires + 365 * 86_400)).status, 200);
    cloud.context.clock.advance("P60D");
    assert.equal(alerts().length, 1);
    cloud.context.clock.advance("P400D");
    assert.deepEqual(
      alerts().map(({ eventType }) => eventType),
      [NEAR, NEAR, EXPIRED],
    );
  });

  it("forgets the topic with its subscription when it is deleted", async () => {
    const gone = await cloud.arm("DELETE", topicPath("watch"), { api: "2025-02-15" });
    assert.equal(gone.status, 200);
    assert.deepEqual(alerts(), []);
    const read = await cloud.arm("GET", `${topicPath("watch")}/eventSubscriptions/near`, {
      api: "2025-02-15",
    });
    assert.equal(code(read), "ResourceNotFound");
  });
});
