// The sign-in log as the program reads it, against the lab's: the filter, the paging, and what counts as whose sign-in.
import assert from "node:assert/strict";
import { proofRequestId } from "../../components/pure/proof";
import type { LogQuestion } from "../../components/pure/sightings";
import { sightingsIn } from "../../components/pure/sightings";
import { GraphReader, GraphUnread } from "../../world/graph";
import { readSignIns } from "../../world/sign-ins";
import type { Client, Cloud } from "../lab/cloud/harness";
import { credentials, startTrustedCloud } from "../lab/cloud/harness";

describe("the reading of the sign-in log", () => {
  let cloud: Cloud;
  let bearer: string;
  let client: Client;
  before(async () => {
    cloud = await startTrustedCloud();
    bearer = await cloud.token("AuditLog.Read.All");
  });
  after(() => cloud.close());
  beforeEach(() => {
    client = cloud.client();
    cloud.context.directory.settings.signInLogDelaySeconds = 0;
  });

  const question = (): LogQuestion => ({
    consumers: [{ name: "ci-sync" }],
    waiting: ["ci-sync"],
    keyId: client.keyId,
    proofRequestId: proofRequestId(client.keyId),
    since: cloud.context.clock.now().toISOString().slice(0, 10),
  });
  const reader = (): GraphReader => new GraphReader(cloud.context.endpoints.graphUrl, bearer, 30);
  const signIn = (secret = client.clientSecret) =>
    cloud.signIn(credentials(client.clientId, secret, cloud.context.endpoints.graphUrl));
  const read = () => readSignIns(reader(), client.clientId, question());

  it("tells key id, time, address and success of the application's sign-ins only", async () => {
    const other = cloud.client();
    await cloud.signIn(
      credentials(other.clientId, other.clientSecret, cloud.context.endpoints.graphUrl),
    );
    await signIn("wrong");
    await signIn();
    const entries = await read();
    assert.deepEqual(
      entries.map(({ keyId, ok }) => [keyId, ok]),
      [
        [client.keyId, true],
        [undefined, false],
      ],
    );
    assert(entries.every(({ ipAddress }) => ipAddress.includes("127.0.0.1")));
    assert.deepEqual(Object.keys(sightingsIn(question(), entries)), ["ci-sync"]);
  });

  it("leaves out what is older than the hand-over", async () => {
    await signIn();
    cloud.context.clock.advance("P1D");
    assert.deepEqual(await read(), []);
  });

  it("sees nothing until the log has it", async () => {
    cloud.context.directory.settings.signInLogDelaySeconds = 600;
    await signIn();
    assert.deepEqual(await read(), []);
    cloud.context.clock.advance("PT10M");
    assert.equal((await read()).length, 1);
  });

  it("says which it is when the licence is missing", async () => {
    cloud.context.directory.settings.premiumLicence = false;
    try {
      await assert.rejects(
        read(),
        (error) => error instanceof GraphUnread && /NonPremiumTenant/.test(error.code),
      );
    } finally {
      cloud.context.directory.settings.premiumLicence = true;
    }
  });
});
