// SESAR's reading of the directory, against the emulated sign-in server and Graph.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type DirectoryAddresses,
  DirectoryReader,
  NEEDED_PERMISSIONS,
  SyncError,
} from "../../../host/sesar/directory-reader";
import { TokenKeeper } from "../../../host/sesar/token-keeper";
import type { FaultRule } from "../../../cloud/faults";
import { type Client, type Cloud, startCloud } from "../../cloud/harness";

describe("DirectoryReader", () => {
  let cloud: Cloud;

  before(async () => {
    cloud = await startCloud({ pageSize: 5 });
  });

  after(() => cloud.close());

  function reader(client: Client, more: Partial<DirectoryAddresses> = {}): DirectoryReader {
    const { endpoints, tenantId, certificates } = cloud.context;
    const { clientId, clientSecret } = client;
    const { loginUrl, graphUrl } = endpoints;
    return new DirectoryReader(
      { loginUrl, graphUrl, caPem: certificates.caPem, ...more },
      {
        configName: "Main",
        refreshIntervalMs: 300_000,
        clientId,
        tenantId,
        clientSecret,
      },
    );
  }

  function fault(rule: Omit<FaultRule, "times" | "code"> & { code?: string }): void {
    cloud.context.faults.add({ code: "Fault", times: 1, ...rule });
  }

  async function failure(client: Client): Promise<SyncError> {
    const outcome: unknown = await reader(client)
      .read()
      .catch((error: unknown) => error);
    assert.ok(outcome instanceof SyncError);
    return outcome;
  }

  it("reads every user with his time zone", async () => {
    const { users } = await reader(cloud.client(...NEEDED_PERMISSIONS)).read();
    assert.equal(users.length, cloud.context.directory.users.size);
    assert.ok(users.every((user) => user.timeZone !== "" && user.userPrincipalName.includes("@")));
  });

  it("takes a tenant without licence groups as one in which nobody has a licence", async () => {
    const { members } = await reader(cloud.client(...NEEDED_PERMISSIONS)).read();
    assert.equal(members.size, 0);
  });

  for (const missing of NEEDED_PERMISSIONS) {
    it(`needs ${missing}, and names it when it is missing`, async () => {
      const roles = NEEDED_PERMISSIONS.filter((permission) => permission !== missing);
      const error = await failure(cloud.client(...roles));
      assert.equal(error.code, `MissingPermission ${missing}`);
      assert.equal(error.signedIn, true);
    });
  }

  for (const [pathPattern, permission] of [
    ["^/v1.0/groups", "Group.Read.All"],
    ["^/v1.0/users\\?", "User.Read.All"],
    ["/mailboxSettings", "MailboxSettings.Read"],
  ] as const) {
    it(`names ${permission} when Graph refuses ${pathPattern}`, async () => {
      fault({ server: "graph", pathPattern, status: 403 });
      const error = await failure(cloud.client(...NEEDED_PERMISSIONS));
      assert.equal(error.code, `MissingPermission ${permission}`);
    });
  }

  it("tries again when Graph is busy", async () => {
    fault({ server: "graph", pathPattern: "/users", status: 429, retryAfterSeconds: 0 });
    await reader(cloud.client(...NEEDED_PERMISSIONS)).read();
  });

  it("gives Graph's own code for another refusal", async () => {
    fault({ server: "graph", pathPattern: "/groups", status: 400, code: "Request_BadRequest" });
    const error = await failure(cloud.client(...NEEDED_PERMISSIONS));
    assert.equal(error.code, "HTTP 400 Request_BadRequest");
  });

  it("signs in for every sync, but while a token is kept that an earlier start may have got", async () => {
    const client = cloud.client(...NEEDED_PERMISSIONS);
    const signIns = (): number =>
      cloud.context.directory.signIns.filter((one) => one.clientId === client.clientId).length;
    const folder = mkdtempSync(join(tmpdir(), "keyturn token "));
    try {
      const keeper = (seconds: number): TokenKeeper => new TokenKeeper(folder, seconds);
      await reader(client, { tokenKeeper: keeper(3600) }).read();
      const wrong = { ...client, clientSecret: "no longer looked at" };
      await reader(wrong, { tokenKeeper: keeper(3600) }).read();
      assert.equal(signIns(), 1);
      await reader(client, { tokenKeeper: keeper(0) }).read();
      await reader(client).read();
      assert.equal(signIns(), 3);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("says that the sign-in server cannot be reached", async () => {
    const { clientId } = cloud.client(...NEEDED_PERMISSIONS);
    const addresses = { loginUrl: "https://127.0.0.1:1", graphUrl: "https://127.0.0.1:1" };
    const instance = { configName: "Main", refreshIntervalMs: 1, tenantId: "t", clientSecret: "s" };
    const unreachable = new DirectoryReader(addresses, { ...instance, clientId });
    await assert.rejects(
      unreachable.read(),
      (error: unknown) => error instanceof SyncError && error.code === "ECONNREFUSED",
    );
  });
});
