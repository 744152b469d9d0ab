// The sign-in proof against the lab's sign-in and Graph servers, with the lab's clock for the waiting.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { SPREAD_SECONDS, parseProof, proofRequestId } from "../../../src/contracts/prove";
import type { ProofInput, ProofReport } from "../../../src/contracts/prove";
import { addPassword } from "../../../packages/lab/cloud/credentials";
import { makeGroup } from "../../../packages/lab/cloud/existing";
import {
  addForeignPassword,
  grantAppRole,
  revokeAppRole,
  setApplicationEnabled,
} from "../../../packages/lab/cloud/mutations";
import { sesar } from "../../../src/presets/sesar";
import { parseProofInput, prove } from "../../../src/steps/prove";
import type { Pace } from "../../../src/http/pace";
import type { Client, Cloud } from "../../../packages/lab/test/cloud/harness";
import { startTrustedCloud } from "../../../packages/lab/test/cloud/harness";
import { compiled } from "../../helpers/paths";

/** The port that a server listens on. */
const portOf = (server: https.Server): number => (server.address() as AddressInfo).port;

const GUID = "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9";

describe("prove", () => {
  let cloud: Cloud;
  let client: Client;

  before(async () => {
    cloud = await startTrustedCloud();
    makeGroup(cloud.context.directory, {
      displayName: "Pro",
      description: null,
      users: [],
      groups: [],
    });
  });
  after(() => cloud.close());
  beforeEach(() => {
    client = cloud.client(...sesar.permissions);
    cloud.context.faults.clear();
    cloud.context.directory.settings.propagationSeconds = 3;
    cloud.context.directory.settings.replicaSpreadSeconds = 0;
  });

  const input = (over: Partial<ProofInput> = {}): ProofInput => ({
    name: "sesar",
    epoch: "2026-05",
    tenantId: cloud.context.tenantId,
    clientId: client.clientId,
    keyId: client.keyId,
    secret: client.clientSecret,
    environment: "public",
    metadataHost: new URL(cloud.context.endpoints.loginUrl).host,
    permissions: sesar.permissions,
    groupObjectId: "",
    signIns: 5,
    spreadSeconds: 0,
    boundSeconds: 300,
    consentSeconds: 60,
    ...over,
  });
  /** Waits by moving the lab's clock. */
  const labPace = (): Pace => {
    let elapsed = 0;
    return {
      elapsed: () => elapsed,
      pause: (seconds) => {
        elapsed += seconds;
        cloud.context.clock.advance(`PT${seconds}S`);
        return Promise.resolve();
      },
    };
  };
  const run = (over: Partial<ProofInput> = {}, pace = labPace()): Promise<ProofReport> =>
    prove(input(over), {}, pace);
  const issue = (): { keyId: string; secret: string } => {
    const application = cloud.context.directory.applicationByClientId(client.clientId);
    assert.ok(application);
    const { keyId, value } = addPassword(cloud.context.directory, application);
    return { keyId, secret: value };
  };
  const attempts = (): number =>
    cloud.context.directory.signIns.filter((one) => one.clientId === client.clientId).length;

  it("signs in as often as asked and reads once per permission", async () => {
    const { span, ...report } = await run();
    assert.ok(span);
    assert.deepEqual(report, {
      keyturn: "proof/1",
      epoch: "2026-05",
      keyId: client.keyId,
      signIns: 5,
      waitedSeconds: 0,
      reads: sesar.permissions,
      notShown: [],
    });
    assert.equal(attempts(), 5);
  });

  it("signs in on a new connection each time, with a token that nothing has kept", async () => {
    const { caPem, serverPem, serverKeyPem } = cloud.context.certificates;
    const connections: number[] = [];
    const tokens = new Set<string>();
    let requests = 0;
    const server = https.createServer({ key: serverKeyPem, cert: serverPem }, (request, reply) => {
      requests += 1;
      const path = String(request.url);
      reply.setHeader("content-type", "application/json").setHeader("connection", "keep-alive");
      if (path.startsWith("/metadata")) {
        const url = `https://localhost:${portOf(server)}`;
        const body = { authentication: { loginEndpoint: url }, microsoftGraphResourceId: url };
        reply.end(JSON.stringify(body));
        return;
      }
      tokens.add(`token-${requests}`);
      reply.end(JSON.stringify({ access_token: `token-${requests}` }));
    });
    server.on("secureConnection", (socket: { remotePort: number }) =>
      connections.push(socket.remotePort),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      assert(caPem.length > 0);
      await run({ metadataHost: `localhost:${portOf(server)}`, permissions: [], signIns: 8 });
    } finally {
      server.close();
    }
    assert.equal(tokens.size, 8);
    assert.equal(connections.length, requests);
    assert.equal(new Set(connections).size, requests);
  });

  it("names its own sign-ins by an id that the sign-in log shows and later runs know", async () => {
    await run();
    const mine = cloud.context.directory.signIns.filter((one) => one.clientId === client.clientId);
    assert.deepEqual(
      [...new Set(mine.map(({ correlationId }) => correlationId))],
      [proofRequestId(client.keyId)],
    );
  });

  it("says when it signed in first and last, by the clock of Entra's answers, refusals too", async () => {
    cloud.context.directory.settings.propagationSeconds = 90;
    const { secret, keyId } = issue();
    const log = cloud.context.directory.signIns;
    const before = log.length;
    const { span } = await run({ secret, keyId, spreadSeconds: 60 });
    const own = log.slice(before).map(({ at }) => `${at.slice(0, 19)}.000Z`);
    assert.equal(log[before]?.ok, false);
    assert.deepEqual(span, { from: own[0], until: own.at(-1) });
    assert.equal(Date.parse(own.at(-1) ?? "") - Date.parse(own[0] ?? "") >= 150_000, true);
  });

  it("waits for a new secret to become valid", async () => {
    cloud.context.directory.settings.propagationSeconds = 90;
    const { waitedSeconds } = await run(issue());
    assert.ok(waitedSeconds >= 90 && waitedSeconds < 110, String(waitedSeconds));
  });

  it("counts from the start again while replicas disagree", async () => {
    Object.assign(cloud.context.directory.settings, { replicaSpreadSeconds: 40 });
    const { waitedSeconds } = await run(issue());
    assert.ok(waitedSeconds >= 3, String(waitedSeconds));
    const tail = cloud.context.directory.signIns.slice(-5);
    assert.ok(tail.every((one) => one.ok));
  });

  /** A sign-in server that accepts for so long, refuses until then, and accepts from then on. */
  const relapsing = async (
    acceptsFor: number,
    refusesUntil: number,
    over: Partial<ProofInput>,
    code = 7000215,
  ) => {
    const { serverPem, serverKeyPem } = cloud.context.certificates;
    const pace = labPace();
    let first: number | undefined;
    const accepted: number[] = [];
    const ports: unknown[] = [];
    const server = https.createServer({ key: serverKeyPem, cert: serverPem }, (request, reply) => {
      const url = `https://localhost:${portOf(server)}`;
      const path = String(request.url);
      reply.setHeader("content-type", "application/json");
      if (path.startsWith("/metadata")) {
        const body = { authentication: { loginEndpoint: url }, microsoftGraphResourceId: url };
        reply.end(JSON.stringify(body));
        return;
      }
      const now = pace.elapsed();
      first ??= now;
      ports.push(request.socket.remotePort);
      if (now - first >= acceptsFor && now < refusesUntil) {
        reply.statusCode = 401;
        reply.end(JSON.stringify({ error_codes: [code] }));
        return;
      }
      accepted.push(now);
      reply.end(JSON.stringify({ access_token: "token" }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const metadataHost = `localhost:${portOf(server)}`;
    try {
      const { waitedSeconds } = await run({ metadataHost, permissions: [], ...over }, pace);
      return { waitedSeconds, row: accepted.slice(-(over.signIns ?? 5)), ports };
    } finally {
      server.close();
    }
  };

  it("spreads the sign-ins over the configured time, each on a connection of its own", async () => {
    const { waitedSeconds, row, ports } = await relapsing(0, 0, { spreadSeconds: 60 });
    assert.deepEqual([waitedSeconds, row], [0, [0, 15, 30, 45, 60]]);
    assert.equal(new Set(ports).size, 5);
  });

  for (const [acceptsFor, refusesUntil] of [
    [2, 120],
    [16, 120],
    [59, 240],
  ] as const) {
    it(`begins anew when a secret is accepted for ${acceptsFor} seconds and then refused until ${refusesUntil}`, async () => {
      const { waitedSeconds, row } = await relapsing(acceptsFor, refusesUntil, {
        spreadSeconds: 60,
      });
      assert(waitedSeconds >= refusesUntil, String(waitedSeconds));
      assert.equal(Number(row.at(-1)) - Number(row[0]), 60);
    });
  }

  it("waits as long for an application that was known and is unknown again, as for a secret", async () => {
    const { waitedSeconds } = await relapsing(16, 300, { spreadSeconds: 60 }, 700016);
    assert(waitedSeconds >= 300, String(waitedSeconds));
  });

  it("says of a secret that relapses to the end that it was accepted before", async () => {
    await assert.rejects(
      relapsing(2, 9999, { spreadSeconds: 60 }),
      /\(AADSTS7000215\) after \d+ seconds, although it was accepted before that\. /,
    );
  });

  it("asks once where one sign-in is configured, and spreads over a minute where the config says nothing", async () => {
    const { row } = await relapsing(0, 0, { spreadSeconds: 60, signIns: 1 });
    assert.deepEqual(row, [0]);
    const { spreadSeconds, ...without } = input();
    assert.equal(spreadSeconds, 0);
    assert.equal(parseProofInput(JSON.stringify(without)).spreadSeconds, SPREAD_SECONDS);
  });

  it("gives up on a secret that does not become valid within the bound", async () => {
    cloud.context.directory.settings.propagationSeconds = 10_000;
    await assert.rejects(
      run(issue()),
      /must sign in, but the secret value is not valid \(AADSTS7000215\) after \d+ seconds\. /,
    );
  });

  for (const [code, means] of [
    ["AADSTS7000215", "the secret value is not valid"],
    ["AADSTS7000222", "the secret has expired"],
    ["AADSTS700016", "the application is not in this tenant"],
    ["AADSTS7000229", "the application has no service principal in this tenant"],
    ["AADSTS90024", "Entra is busy"],
  ] as const) {
    it(`takes ${code} (${means}) straight after a new secret for "not yet"`, async () => {
      cloud.context.faults.add({
        server: "login",
        pathPattern: "token",
        status: 401,
        times: 2,
        code,
      });
      const { signIns } = await run(issue());
      assert.equal(signIns, 5);
    });
  }

  it("says of a secret that stays expired that its own end lies ahead, and asks for another only then", async () => {
    const { keyId, value } = addForeignPassword(cloud.context.directory, client.clientId, {
      startDateTime: "2024-01-01T00:00:00Z",
      endDateTime: "2025-01-01T00:00:00Z",
    });
    await assert.rejects(
      run({ keyId, secret: value }),
      /has expired \(AADSTS7000222\) after \d+ seconds\. Its own end date lies ahead.*\. Run again.*generation/,
    );
  });

  const never: [what: string, over: () => Partial<ProofInput>, message: RegExp][] = [
    [
      "a tenant that does not exist",
      () => ({ tenantId: GUID }),
      /tenant does not exist \(AADSTS90002\)/,
    ],
    [
      "a disabled application",
      () => {
        setApplicationEnabled(cloud.context.directory, client.clientId, false);
        return {};
      },
      /application is disabled \(AADSTS7000112\)/,
    ],
    [
      "a secret that an app management policy blocks",
      () => {
        cloud.context.faults.add({
          server: "login",
          pathPattern: "token",
          status: 401,
          times: 9,
          code: "AADSTS7000228",
        });
        return {};
      },
      /an app management policy blocks the secret \(AADSTS7000228\)/,
    ],
    [
      "a refusal that it does not know",
      () => {
        cloud.context.faults.add({
          server: "login",
          pathPattern: "token",
          status: 400,
          times: 9,
          code: "AADSTS999999",
        });
        return {};
      },
      /Entra refuses it \(AADSTS999999\)\. Look the code up/,
    ],
  ];
  for (const [what, over, message] of never) {
    it(`does not try ${what} twice`, async () => {
      const given = over();
      const before = cloud.context.directory.signIns.length;
      await assert.rejects(run(given), message);
      assert.ok(cloud.context.directory.signIns.length - before <= 1);
    });
  }

  it("waits a while for an application that is not there yet, then names it", async () => {
    await assert.rejects(
      run({ clientId: GUID }),
      /not in this tenant \(AADSTS700016\) after \d+ seconds/,
    );
  });

  it("knows a Secret ID by its shape and asks nobody", async () => {
    await assert.rejects(
      run({ secret: GUID }),
      /must be the secret's Value, got a GUID, which is its Secret ID/,
    );
    assert.equal(attempts(), 0);
  });

  it("tries again when Entra is busy, after as long as it asks", async () => {
    cloud.context.faults.add({
      server: "login",
      pathPattern: "token",
      status: 429,
      code: "throttled",
      retryAfterSeconds: 7,
      times: 2,
    });
    const pace = labPace();
    await run({}, pace);
    assert.equal(pace.elapsed(), 14);
  });

  it("says that Entra throttles when it does so to the end, and tries no longer than the bound", async () => {
    cloud.context.faults.add({
      server: "login",
      pathPattern: "token",
      status: 429,
      times: 999,
      code: "AADSTS50196",
      retryAfterSeconds: 60,
    });
    const pace = labPace();
    await assert.rejects(
      run({}, pace),
      /Entra throttles the application \(AADSTS50196\) after 300/,
    );
    assert.equal(pace.elapsed(), 300);
  });

  for (const permission of sesar.permissions.filter(
    (name) => name !== "GroupMember.Read.All" && name !== "Group.Read.All",
  )) {
    it(`names ${permission} when its consent is missing`, async () => {
      revokeAppRole(cloud.context.directory, client.clientId, permission);
      await assert.rejects(
        run(),
        new RegExp(`must have admin consent for ${permission}, but Graph refuses`),
      );
    });
  }

  /** Graph's answer to reads of mailbox settings of the first users, as many as asked. */
  const mailboxesAnswer = (status: number, code: string, users: number): void => {
    for (let user = 1; user <= users; user += 1) {
      cloud.context.faults.add({
        server: "graph",
        pathPattern: `/users/b0000000-0000-4000-8000-${String(user).padStart(12, "0")}/mailboxSettings`,
        status,
        code,
        times: 99,
      });
    }
  };
  for (const [status, code] of [
    [403, "ErrorAccessDenied"],
    [403, "MailboxNotEnabledForRESTAPI"],
    [404, "MailboxNotEnabledForRESTAPI"],
    [404, "ResourceNotFound"],
  ] as const) {
    it(`reads another user's mailbox settings when the first two answer ${status} ${code}`, async () => {
      mailboxesAnswer(status, code, 2);
      const { reads, notShown } = await run();
      assert.deepEqual([reads, notShown], [sesar.permissions, []]);
    });

    it(`says what no read has shown when every user answers ${status} ${code}, and goes on`, async () => {
      mailboxesAnswer(status, code, 12);
      const { reads, notShown } = await run();
      assert.deepEqual(
        reads,
        sesar.permissions.filter((name) => name !== "MailboxSettings.Read"),
      );
      assert.match(
        notShown.join(),
        new RegExp(
          `^sesar: no read has shown that MailboxSettings\\.Read works \\(${status} ${code} for b0000000-.* consented\\.`,
        ),
      );
    });
  }

  it("says of a tenant without a group that nothing was read by it", async () => {
    const { groups } = cloud.context.directory;
    const all = [...groups];
    groups.clear();
    try {
      const { reads, notShown } = await run();
      assert(!reads.includes("GroupMember.Read.All"));
      assert.match(notShown.join(), /GroupMember\.Read\.All works \(the tenant lists nothing/);
    } finally {
      for (const [groupObjectId, group] of all) groups.set(groupObjectId, group);
    }
  });

  it("names a missing consent whatever the users' mailboxes answer", async () => {
    revokeAppRole(cloud.context.directory, client.clientId, "MailboxSettings.Read");
    mailboxesAnswer(404, "ResourceNotFound", 12);
    await assert.rejects(run(), /must have admin consent for MailboxSettings\.Read, but Graph/);
  });

  it("does not take a refusal of a list for a missing consent that the token names", async () => {
    cloud.context.faults.add({
      server: "graph",
      pathPattern: "/v1.0/groups",
      status: 403,
      code: "Authorization_RequestDenied",
      times: 99,
    });
    await assert.rejects(
      run(),
      /got 403 Authorization_RequestDenied for Group\.Read\.All, although it is consented/,
    );
  });

  it("says of a permission that no read is known of what the token says", async () => {
    const name = "Sites.Read.All";
    await assert.rejects(
      run({ permissions: [name] }),
      /must have admin consent for Sites\.Read\.All/,
    );
    const { clientId, clientSecret: secret, keyId } = cloud.client("Application.Read.All");
    const { reads, notShown } = await run({
      clientId,
      secret,
      keyId,
      permissions: ["Application.Read.All"],
    });
    assert.deepEqual(reads, []);
    assert.match(
      notShown.join(),
      /that Application\.Read\.All works \(no read of it is known\), though/,
    );
  });

  it("reads a proof that an earlier release made, which says nothing of what it could not show", () => {
    const report = { keyturn: "proof/1", keyId: GUID };
    assert.deepEqual(parseProof(JSON.stringify(report)).notShown, []);
    assert.equal(parseProof(JSON.stringify(report)).span, undefined);
    assert.deepEqual(parseProof(JSON.stringify({ ...report, notShown: ["a"] })).notShown, ["a"]);
  });

  it("names every consent that is missing", async () => {
    for (const name of ["Group.Read.All", "GroupMember.Read.All"]) {
      revokeAppRole(cloud.context.directory, client.clientId, name);
    }
    await assert.rejects(run(), /admin consent for Group\.Read\.All, /);
  });

  it("sees a consent that comes late in a fresh token", async () => {
    revokeAppRole(cloud.context.directory, client.clientId, "User.Read.All");
    const pace = labPace();
    const late: Pace = {
      ...pace,
      pause: (seconds) => {
        grantAppRole(cloud.context.directory, client.clientId, "User.Read.All");
        return pace.pause(seconds);
      },
    };
    const { reads, span } = await run({}, late);
    assert.deepEqual(reads, sesar.permissions);
    const last = cloud.context.directory.signIns.at(-1)?.at.slice(0, 19);
    assert.notEqual(span?.from, span?.until);
    assert.equal(span?.until, `${last}.000Z`);
  });

  it("says no secret, whatever goes wrong", async () => {
    const { secret, keyId } = issue();
    cloud.context.faults.add({
      server: "login",
      pathPattern: "token",
      status: 500,
      code: secret,
      message: secret,
      times: 1000,
    });
    await assert.rejects(run({ secret, keyId }), (error: Error) => !error.message.includes(secret));
  });

  describe("as a program", () => {
    it("prints one line of JSON and nothing else, and fails with a sentence and no line", async function () {
      this.timeout(30_000);
      const folder = mkdtempSync(join(tmpdir(), "keyturn-prove-"));
      const ca = join(folder, "ca.pem");
      writeFileSync(ca, cloud.context.certificates.caPem);
      const start = async (stdin: string): Promise<[unknown, string, string]> => {
        const child = spawn(process.execPath, [compiled("src/steps/prove.ts")], {
          env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
        });
        child.stdin.end(stdin);
        const closed = new Promise((resolve) => child.once("close", resolve));
        return await Promise.all([closed, text(child.stdout), text(child.stderr)]);
      };
      try {
        const [exitCode, out, errors] = await start(JSON.stringify(input()));
        assert.deepEqual([exitCode, errors], [0, ""]);
        assert.equal(out.trimEnd().split("\n").length, 1);
        assert.ok(!out.includes(client.clientSecret));
        const broken = await start(`{"secret": "${client.clientSecret}`);
        assert.deepEqual(broken, [
          1,
          "",
          "keyturn[signIn]: The proof's input must be JSON. Report this defect.\n",
        ]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });
});
