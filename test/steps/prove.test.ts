// The sign-in proof against the lab's sign-in and Graph servers, with the lab's clock for the waiting.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { proofRequestId } from "../../components/pure/proof";
import type { ProofInput, ProofReport } from "../../components/pure/proof";
import { addPassword } from "../../lab/cloud/credentials";
import {
  addForeignPassword,
  grantAppRole,
  revokeAppRole,
  setApplicationEnabled,
} from "../../lab/cloud/mutations";
import { sesar } from "../../presets/sesar";
import { prove } from "../../steps/prove";
import type { Pace } from "../../steps/waiting";
import type { Client, Cloud } from "../lab/cloud/harness";
import { startTrustedCloud } from "../lab/cloud/harness";

/** The port that a server listens on. */
const portOf = (server: https.Server): number => (server.address() as AddressInfo).port;

const GUID = "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9";

describe("prove", () => {
  let cloud: Cloud;
  let client: Client;

  before(async () => {
    cloud = await startTrustedCloud();
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
    const report = await run();
    assert.deepEqual(report, {
      keyturn: "proof/1",
      epoch: "2026-05",
      keyId: client.keyId,
      signIns: 5,
      waitedSeconds: 0,
      reads: sesar.permissions,
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

  it("gives up on a secret that does not become valid within the bound", async () => {
    cloud.context.directory.settings.propagationSeconds = 10_000;
    await assert.rejects(
      run(issue()),
      /must sign in, but the secret value is not valid \(AADSTS7000215\) after \d+ seconds\. /,
    );
  });

  const never: [what: string, over: () => Partial<ProofInput>, message: RegExp][] = [
    [
      "an expired secret",
      () => {
        const { keyId, value } = addForeignPassword(cloud.context.directory, client.clientId, {
          startDateTime: "2024-01-01T00:00:00Z",
          endDateTime: "2025-01-01T00:00:00Z",
        });
        return { keyId, secret: value };
      },
      /has expired \(AADSTS7000222\)/,
    ],
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
          ...{ server: "login", pathPattern: "token", status: 401, times: 9 },
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
          ...{ server: "login", pathPattern: "token", status: 400, times: 9 },
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
      ...{ server: "login", pathPattern: "token", status: 429, times: 999 },
      ...{ code: "AADSTS50196", retryAfterSeconds: 60 },
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
    assert.deepEqual((await run({}, late)).reads, sesar.permissions);
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
        const child = spawn(
          process.execPath,
          [...process.execArgv, join(__dirname, "../../steps/prove.ts")],
          {
            env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
          },
        );
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
        assert.deepEqual(broken, [1, "", "The proof's input must be JSON. Report this defect.\n"]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });
});
