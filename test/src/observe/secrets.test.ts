// The reading of the directory against the lab's sign-in and Graph servers, as the deploying identity.
import assert from "node:assert/strict";
import { addForeignPassword, keyIdsOf } from "../../../packages/lab/cloud/mutations";
import type { Pace } from "../../../src/http/pace";
import { listSecrets } from "../../../src/observe/secrets";
import { GraphReader, GraphUnread } from "../../../src/http/graph";
import type { Client, Cloud } from "../../../packages/lab/test/cloud/harness";
import { startTrustedCloud } from "../../../packages/lab/test/cloud/harness";
import { z } from "zod";

const SECONDS = 45;

/** Waits by adding up. */
function fakePace(): Pace & { readonly pauses: number[] } {
  const pauses: number[] = [];
  return {
    pauses,
    elapsed: () => pauses.reduce((sum, pause) => sum + pause, 0),
    pause: (seconds) => {
      pauses.push(seconds);
      return Promise.resolve();
    },
  };
}

describe("the reading of the directory", () => {
  let cloud: Cloud;
  let application: Client;
  let bearer: string;

  before(async () => {
    cloud = await startTrustedCloud();
    bearer = await cloud.token("Application.Read.All");
    application = cloud.client();
  });
  after(() => cloud.close());
  beforeEach(() => {
    cloud.context.faults.clear();
    cloud.context.directory.settings.pageSize = 100;
  });

  const reader = (token = bearer, pace: Pace = fakePace()): GraphReader =>
    new GraphReader(cloud.context.endpoints.graphUrl, token, SECONDS, pace);
  const throttle = (retryAfterSeconds: number, times: number): void => {
    const rule = { server: "graph" as const, pathPattern: "applications", status: 429, times };
    cloud.context.faults.add({ ...rule, code: "TooManyRequests", retryAfterSeconds });
  };
  const unread = async (reading: Promise<unknown>): Promise<GraphUnread> => {
    const error: unknown = await reading.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert(error instanceof GraphUnread);
    return error;
  };

  it("lists every secret of the application with name, key id and dates, in one request", async () => {
    addForeignPassword(cloud.context.directory, application.clientId, {
      displayName: "by hand",
      endDateTime: "2027-01-01T00:00:00Z",
    });
    // A fault that only delays counts the requests.
    cloud.context.faults.add({ server: "graph", pathPattern: ".", status: 0, code: "", times: 99 });
    const secrets = await listSecrets(reader(), application.clientId);
    assert.deepEqual(
      secrets.map(({ keyId }) => keyId),
      keyIdsOf(cloud.context.directory, application.clientId),
    );
    assert.equal(cloud.context.faults.list()[0]?.hits, 1);
    const byHand = secrets.find(({ displayName }) => displayName === "by hand");
    assert.equal(byHand?.endDate, "2027-01-01T00:00:00Z");
    assert(!JSON.stringify(secrets).includes(application.clientSecret.slice(0, 8)));
  });

  it("waits as long as a throttled Graph asks, and reads then", async () => {
    throttle(7, 2);
    const pace = fakePace();
    await listSecrets(reader(bearer, pace), application.clientId);
    assert.deepEqual(pace.pauses, [7, 7]);
  });

  it("gives up at once when Graph asks for more time than there is", async () => {
    throttle(SECONDS + 1, 1);
    const pace = fakePace();
    const error = await unread(listSecrets(reader(bearer, pace), application.clientId));
    assert.match(error.message, /Graph is throttled \(429 TooManyRequests\)/);
    assert.deepEqual(pace.pauses, []);
  });

  it("reads with whatever is left of its time, a part of a second too", async () => {
    const pace = { elapsed: () => SECONDS - 3.0000417, pause: () => Promise.resolve() };
    assert.ok((await listSecrets(reader(bearer, pace), application.clientId)).length > 0);
  });

  it("gives up within its time while Graph fails", async () => {
    const rule = { server: "graph" as const, pathPattern: ".", status: 503, times: 999 };
    cloud.context.faults.add({ ...rule, code: "ServiceUnavailable" });
    const pace = fakePace();
    const error = await unread(listSecrets(reader(bearer, pace), application.clientId));
    assert.match(error.message, /503 ServiceUnavailable/);
    assert(pace.elapsed() > SECONDS / 2 && pace.elapsed() <= SECONDS, String(pace.elapsed()));
  });

  it("says Graph's code when the permission is missing, and asks once", async () => {
    const stranger = await cloud.token("User.Read.All");
    const pace = fakePace();
    const error = await unread(listSecrets(reader(stranger, pace), application.clientId));
    assert.equal(error.status, 403);
    assert.equal(error.code, "Authorization_RequestDenied");
    assert.deepEqual(pace.pauses, []);
  });

  it("refuses an answer that is not as documented, and names the field", async () => {
    const schema = z.object({ appId: z.number() });
    const path = `/v1.0/applications(appId='${application.clientId}')`;
    const error = await unread(reader().entity(path, schema));
    assert.match(error.message, /not as documented \(appId: /);
  });

  describe("page by page", () => {
    const item = z.object({ appId: z.string() });

    it("reads all pages, and no more than it is told to", async () => {
      cloud.context.directory.settings.pageSize = 1;
      const all = await reader().items("/v1.0/applications", item, 99);
      assert(all.length >= 2);
      assert.equal((await reader().items("/v1.0/applications", item, 2)).length, 2);
    });

    it("stops when it has enough", async () => {
      cloud.context.directory.settings.pageSize = 1;
      const some = await reader().items("/v1.0/applications", item, 99, (got) => got.length > 0);
      assert.equal(some.length, 1);
    });

    it("never follows a page to another host with its token", async () => {
      cloud.context.directory.settings.pageSize = 1;
      // The same server under another name, which its next links do not have.
      const other = cloud.context.endpoints.graphUrl.replace("localhost", "127.0.0.1");
      const elsewhere = new GraphReader(other, bearer, SECONDS, fakePace());
      const error = await unread(elsewhere.items("/v1.0/applications", item, 9));
      assert.match(error.message, /next page must be Graph's/);
    });
  });
});
