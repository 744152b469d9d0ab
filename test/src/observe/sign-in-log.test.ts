// The sign-in log as the program reads it, against the lab's: the filter, the paging, and what counts as whose sign-in.
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { LogQuestion } from "../../../src/decide/adoption-evidence";
import { adoptionEvidence } from "../../../src/decide/adoption-evidence";
import { GraphReader, GraphUnread } from "../../../src/http/graph";
import type { LogAsker } from "../../../src/decide/log-findings";
import type { LogConfig, LogReading } from "../../../src/observe/sign-in-log";
import { readSignInLog, readSignIns } from "../../../src/observe/sign-in-log";
import type { Plan } from "../../../src/decide/run-plan";
import { sesar } from "../../../src/presets/sesar";
import { rotated } from "../decide/fixtures";
import type { Client, Cloud } from "../../../packages/lab/test/cloud/harness";
import { credentials, startTrustedCloud } from "../../../packages/lab/test/cloud/harness";

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

  const today = (): string => cloud.context.clock.now().toISOString().slice(0, 10);
  const question = (): LogQuestion => ({
    consumers: [{ name: "ci-sync", addresses: ["127.0.0.1"] }],
    waiting: ["ci-sync"],
    unseen: [],
    target: { label: "2026-11", keyId: client.keyId },
    former: undefined,
    since: today(),
    now: cloud.context.clock.now(),
  });
  const reader = (): GraphReader => new GraphReader(cloud.context.endpoints.graphUrl, bearer, 30);
  const signIn = (secret = client.clientSecret) =>
    cloud.signIn(credentials(client.clientId, secret, cloud.context.endpoints.graphUrl));
  const read = () => readSignIns(reader(), client.clientId, today());

  it("tells key id, time, address and success of the application's sign-ins only", async () => {
    const other = cloud.client();
    await cloud.signIn(
      credentials(other.clientId, other.clientSecret, cloud.context.endpoints.graphUrl),
    );
    await signIn("wrong");
    await signIn();
    const { entries, complete } = await read();
    assert(complete);
    assert.deepEqual(
      entries.map(({ keyId, ok }) => [keyId, ok]),
      [
        [client.keyId, true],
        [undefined, false],
      ],
    );
    assert(entries.every(({ ipAddress }) => ipAddress.includes("127.0.0.1")));
    const { signInId, resource } = cloud.context.directory.signIns.at(-1) ?? {};
    assert.deepEqual([entries[0]?.requestId, entries[0]?.resource], [signInId, resource]);
  });

  it("shows a consumer on the new secret, an hour after the first sign-in with it", async () => {
    await signIn();
    cloud.context.clock.advance("PT1H");
    await signIn();
    const { entries } = await read();
    assert.deepEqual(Object.keys(adoptionEvidence(question(), entries)), ["ci-sync"]);
    assert.deepEqual(adoptionEvidence(question(), entries.slice(0, 1)), {});
  });

  it("leaves out what is older than the hand-over", async () => {
    await signIn();
    cloud.context.clock.advance("P1D");
    assert.deepEqual((await read()).entries, []);
  });

  it("sees nothing until the log has it", async () => {
    cloud.context.directory.settings.signInLogDelaySeconds = 600;
    await signIn();
    assert.deepEqual((await read()).entries, []);
    cloud.context.clock.advance("PT10M");
    assert.equal((await read()).entries.length, 1);
  });

  it("keeps the newest entries when a further page does not come, and says how far back they go", async () => {
    await signIn();
    const { signIns } = cloud.context.directory;
    const [one] = signIns.slice(-1);
    assert.ok(one);
    signIns.push(...Array.from({ length: 500 }, () => one));
    const rule = { server: "graph", pathPattern: "auditLogs", status: 403, times: 9 } as const;
    cloud.context.faults.add({ ...rule, code: "Forbidden", skip: 1 });
    try {
      const { entries, complete, why } = await read();
      assert.deepEqual([entries.length, complete], [500, false]);
      assert.match(String(why), /read back to 20\d\d-.*Z only: Graph answers 403 Forbidden/);
    } finally {
      cloud.context.faults.clear();
    }
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

describe("readSignInLog", () => {
  let cloud: Cloud;
  let client: Client;
  before(async () => {
    cloud = await startTrustedCloud();
    const token = await cloud.token("AuditLog.Read.All");
    await pulumi.runtime.setMocks({
      call: () => ({ token }),
      newResource: ({ name, inputs }) => ({ id: name, state: inputs as object }),
    });
  });
  after(() => cloud.close());
  beforeEach(() => {
    client = cloud.client();
  });

  const today = (): string => cloud.context.clock.now().toISOString().slice(0, 10);
  const daysAgo = (days: number): string =>
    new Date(cloud.context.clock.now().getTime() - days * 86_400_000).toISOString().slice(0, 10);
  const signIn = () =>
    cloud.signIn(
      credentials(client.clientId, client.clientSecret, cloud.context.endpoints.graphUrl),
    );
  /** A machine without addresses, whose secret was adopted a number of days ago. */
  const read = (
    adoptedDaysAgo: number,
    over: Partial<LogAsker & { clientId: string }> = {},
    planned: object = {},
  ): Promise<LogReading> => {
    const active = { ...rotated.active, keyId: client.keyId, adoptedOn: daysAgo(adoptedDaysAgo) };
    const { label = "", start = "" } = rotated.active ?? {};
    const config: LogConfig = {
      name: "sesar",
      environment: "public",
      metadataHost: new URL(cloud.context.endpoints.loginUrl).host,
      consumers: [
        {
          name: "sesar",
          retry: 0,
          kind: "automatic",
          connection: { host: "h", port: 22, user: "u", hostKey: "k" },
          host: sesar.host,
        },
      ],
      confirmations: {},
      overlap: "P14D",
      signInLog: true,
      requireSignInLog: false,
    };
    const plan = {
      name: "sesar",
      today: today(),
      target: { label, start, endDate: "", generation: 0 },
      history: { version: 1, active, retiring: [], skipped: [], released: [] },
      passwords: [],
      releasing: [],
      released: [],
      ...planned,
    } as unknown as Plan;
    const now = cloud.context.clock.now();
    const { clientId } = client;
    const asker = { clientId, last: [], sightings: [], formerUses: [], proofs: [], now };
    return readSignInLog(config, plan, { ...asker, ...over });
  };

  it("proposes the addresses that the secret of a week was used from, but for our own proof's", async () => {
    await signIn();
    const { notes, contents } = await read(7);
    assert.match(notes.join(), /put this line .*: addresses: \["127\.0\.0\.1"\]$/);
    assert.equal(contents.entries?.length, 1);
    const at = cloud.context.clock.now().toISOString();
    const proofs = [{ keyId: client.keyId, from: at, until: at }];
    assert.deepEqual((await read(7, { proofs })).notes, []);
  });

  it("does not ask for that in the first week", async () => {
    const { notes, contents } = await read(6);
    assert.deepEqual([notes, contents.entries], [[], undefined]);
  });

  it("asks the report of credentials for a former secret whose uses a part of the log does not show", async () => {
    await signIn();
    const { signIns } = cloud.context.directory;
    const last = signIns.at(-1);
    const other = cloud.client();
    await cloud.signIn(
      credentials(other.clientId, other.clientSecret, cloud.context.endpoints.graphUrl),
    );
    const newer = signIns.at(-1);
    assert.ok(last && newer);
    // A thousand newer entries of the same application, with another secret.
    const { clientId } = last;
    signIns.push(...Array.from({ length: 1000 }, () => ({ ...newer, clientId })));
    const rule = { server: "graph", pathPattern: "auditLogs", status: 403, times: 9 } as const;
    cloud.context.faults.add({ ...rule, code: "Forbidden", skip: 1 });
    const successorAdoptedOn = daysAgo(3);
    const former = { label: "2026-05", endDate: "", keyId: client.keyId, successorAdoptedOn };
    const active = { ...rotated.active, keyId: newer.keyId, adoptedOn: successorAdoptedOn };
    const history = { version: 1, active, retiring: [former], skipped: [], released: [] };
    const passwords = [{ label: "2026-05", role: "retiring" }];
    try {
      const { formerSecrets, contents, notes } = await read(3, {}, { history, passwords });
      assert.equal(contents.entries?.length, 500);
      assert.equal(formerSecrets[0]?.lastUse?.requestId, last.signInId);
      assert.match(notes.join(), /2026-05 was used at .* from an unknown address/);
    } finally {
      cloud.context.faults.clear();
    }
  });
});
