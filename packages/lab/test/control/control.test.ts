// The control API over HTTP, through its own client, on a small cloud without a host.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { request } from "../../shared/https";
import { startControl } from "../../control";
import { LabControl, LabControlError } from "../../control-client";
import { orderHost } from "../../control-host";
import { hostAccess } from "../../host-access";
import { LabHosts } from "../../hosts";
import type { LabStatus } from "../../lab-status";
import { cloudStatus } from "../../status";
import type { RunningServer } from "../../cloud/server";
import { Cloud } from "../arm/cloud";

const TOKEN = "t".repeat(32);

describe("lab control", () => {
  let cloud: Cloud;
  let server: RunningServer;
  let control: LabControl;
  let shutdowns = 0;
  let signsInBy: Readonly<Record<string, string>> = {};

  before(async () => {
    cloud = await Cloud.start();
    const { context, resources } = cloud;
    const hosts = new LabHosts();
    server = await startControl(
      {
        context,
        resources,
        token: TOKEN,
        status: () => cloudStatus(context, resources) as LabStatus,
        environment: () => ({ A: "b" }),
        hostAccess: (hostName) => hostAccess(hosts.of(hostName)),
        hostSecrets: () => [],
        oneTimeSecrets: () => [],
        orderHost: (hostName, name, body) => orderHost(hosts, hostName, name, body),
        signInBy: (variables) => {
          signsInBy = variables;
          return Promise.resolve();
        },
        shutdown: () => (shutdowns += 1),
      },
      0,
    );
    control = new LabControl(`http://127.0.0.1:${server.port}`, TOKEN);
  });
  after(async () => {
    await server.close();
    await cloud.stop();
  });

  const refused = async (call: Promise<unknown>, text: RegExp): Promise<void> => {
    await assert.rejects(call, (error: unknown) => {
      assert.ok(error instanceof LabControlError);
      assert.match(error.message, text);
      return true;
    });
  };

  it("answers nobody without the token", async () => {
    const url = `http://127.0.0.1:${server.port}/secrets`;
    for (const authorization of ["", "Bearer x", `Bearer ${TOKEN}x`, `Basic ${TOKEN}`]) {
      const answer = await request({ method: "GET", url, headers: { authorization } });
      assert.equal(answer.status, 401, authorization);
    }
  });

  it("moves the clock: to an instant, by a duration, at a rate", async () => {
    const set = await control.moveClock({ set: "2030-01-31T00:00:00Z" });
    assert.match(set.now, /^2030-01-31T00:00:0/);
    const advanced = await control.moveClock({ advance: "P1M" });
    assert.match(advanced.now, /^2030-02-28T00:00:0/);
    assert.equal((await control.moveClock({ rate: 60 })).rate, 60);
    await control.moveClock({ rate: 1 });
    assert.match((await control.clock()).now, /^2030-02-28/);
  });

  it("names every problem of an order in one sentence, and does none of it", async () => {
    const before = (await control.clock()).offsetMs;
    const order = { advance: "a month", rate: -1, forward: true } as object;
    await refused(control.moveClock(order), /advance: .*; rate: .*Unrecognized key.*forward/);
    await refused(control.moveClock({}), /at least one of set, advance, rate/);
    assert.ok(Math.abs((await control.clock()).offsetMs - before) < 1000);
    const fault = { server: "arm", pathPattern: "(", status: 200, code: "X" } as const;
    await refused(
      control.addFault(fault),
      /pathPattern: .*regular expression; status: .*400 to 599/,
    );
  });

  it("sets, lists, removes and clears faults", async () => {
    const one = await control.addFault({ server: "vault", pathPattern: "/secrets", status: 429 });
    assert.equal(one.remaining, 1);
    await control.addFault({ server: "login", pathPattern: "token", status: 503, times: 2 });
    assert.equal((await control.faults()).length, 2);
    assert.equal((await control.removeFault(one.faultId)).length, 1);
    await refused(control.removeFault(one.faultId), /has no fault/);
    assert.deepEqual(await control.clearFaults(), []);
  });

  it("does in the tenant what others would do there", async () => {
    const client = cloud.client("sesar");
    const { clientId } = client;
    const added = await control.directory("add-password", { clientId, displayName: "by hand" });
    const keyId = String(added["keyId"]);
    assert.deepEqual(Object.keys(added).sort(), ["keyId", "keyIds"]);
    await control.directory("remove-password", { clientId, keyId });
    const status = await control.status();
    const credential = status.credentials.find((one) => one.clientId === clientId);
    assert.equal(credential?.passwords.find((one) => one.keyId === keyId)?.acceptedNow, false);
    await control.directory("grant-role", { clientId, role: "User.Read.All" });
    const revoked = await control.directory("revoke-role", { clientId, role: "User.Read.All" });
    assert.deepEqual(revoked, { revoked: true });
    await control.directory("set-enabled", { clientId, enabled: false });
    await control.directory("set-policy", { isEnabled: true, passwordMaxLifetime: "P90D" });
    cloud.context.directory.createGroup({ displayName: "Pro" });
    const [user] = cloud.context.directory.users.keys();
    await control.directory("add-member", { group: "Pro", user: user ?? "" });
    await control.directory("remove-member", { group: "Pro", user: user ?? "" });
    await refused(control.directory("add-member", { group: "None", user: "x" }), /no group "None"/);
    await refused(
      control.directory("grant-role", { clientId: "x", role: "" }),
      /clientId: .*; role: /,
    );
    await refused(
      control.directory("drop-all" as "add-member", {} as never),
      /knows no order "drop-all"/,
    );
  });

  it("begins a job, and lets its token stand for an application", async () => {
    const { clientId } = cloud.client("pipeline");
    const order = { system: "github", repository: "contoso/keyturn", environment: "test" } as const;
    const { issuer, subject, variables } = await control.startJob(order);
    assert.equal(subject, "repo:contoso/keyturn:environment:test");
    assert.deepEqual(Object.keys(variables), [
      "ACTIONS_ID_TOKEN_REQUEST_URL",
      "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    ]);
    const believed = { clientId, name: "test", issuer, subject };
    await control.directory("add-federated-credential", believed);
    const { directory } = cloud.context;
    const [credential] = directory.applicationByClientId(clientId)?.federatedCredentials ?? [];
    assert.deepEqual([credential?.issuer, credential?.subject], [issuer, subject]);
    assert(
      (await control.secretValues()).includes(variables["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] ?? ""),
    );
    await refused(
      control.startJob({ ...order, repository: "keyturn" }),
      /repository: must be "owner\/repository"/,
    );
  });

  it("hands on by what the stand-ins sign in", async () => {
    await control.signInBy({ ARM_USE_OIDC: "true" });
    assert.deepEqual(signsInBy, { ARM_USE_OIDC: "true" });
  });

  it("makes what was in the tenant before, and shows who is in a group", async () => {
    const made = await control.directory("create-application", {
      displayName: "SESAR",
      permissions: ["User.Read.All"],
      consents: ["User.Read.All", "Mail.Read"],
    });
    const { directory } = cloud.context;
    const principal = directory.servicePrincipalByClientId(String(made["clientId"]));
    const graph = directory.servicePrincipalByClientId("00000003-0000-0000-c000-000000000000");
    assert.ok(principal !== undefined && graph !== undefined);
    assert.deepEqual(directory.rolesOf(principal.servicePrincipalObjectId, graph), [
      "Mail.Read",
      "User.Read.All",
    ]);
    const bare = { displayName: "Bare", principal: false, owned: false };
    assert.equal(
      (await control.directory("create-application", bare))["servicePrincipalObjectId"],
      undefined,
    );
    const [user = ""] = directory.users.keys();
    const inner = await control.directory("create-group", { displayName: "Eco", users: [user] });
    const groups = [String(inner["groupObjectId"])];
    await control.directory("create-group", { displayName: "Licences", groups });
    const shown = await control.directory("show-groups", { group: "Licences" });
    assert.deepEqual(
      (shown["groups"] as { members: string[] }[]).map(({ members }) => members),
      [groups],
    );
    await refused(
      control.directory("create-application", { displayName: "X", consents: ["No.Such"] }),
      /no app role "No.Such"/,
    );
    await refused(
      control.directory("create-group", { displayName: "X", groups: [randomUUID()] }),
      /no group/,
    );
  });

  it("takes an Azure role from the deploying identity and gives it back", async () => {
    const { resources } = cloud;
    const held = (): number => resources.listAssignments().length;
    const before = held();
    assert.deepEqual(await control.azure("revoke-role", { role: "Contributor" }), { revoked: 1 });
    assert.equal(held(), before - 1);
    assert.deepEqual(await control.azure("grant-role", { role: "Contributor" }), { granted: 1 });
    assert.equal(held(), before);
    await refused(control.azure("grant-role", { role: "King" }), /knows no role "King"/);
  });

  it("changes how consistent the tenant is", async () => {
    const settings = await control.settings({ propagationSeconds: 7 });
    assert.equal(settings.propagationSeconds, 7);
    assert.equal(cloud.context.directory.settings.propagationSeconds, 7);
    await refused(control.settings({ propagationSeconds: -1 }), /propagationSeconds/);
  });

  it("shows what is stored and never a value, but for the search for leaks", async () => {
    await cloud.createVault("kv-status");
    const body = {
      value: "a-secret-value",
      tags: { keyId: "k" },
      attributes: { exp: 1_900_000_000 },
    };
    await cloud.vault("PUT", "kv-status", "/secrets/sesar", { body });
    await cloud.vault("DELETE", "kv-status", "/secrets/sesar");
    const status = await control.status();
    const secret = status.vaults[0]?.secrets[0];
    assert.equal(secret?.name, "sesar");
    assert.equal(secret.versions[0]?.expires, "2030-03-17T17:46:40.000Z");
    assert.ok(secret.deletedAt !== undefined);
    const values = await control.secretValues();
    assert.ok(values.includes("a-secret-value"));
    assert.ok(values.includes(cloud.deployer.secret));
    const shown = JSON.stringify([status, await control.signIns(), await control.faults()]);
    for (const value of values) assert.ok(!shown.includes(value));
  });

  it("shows the sign-ins of one client", async () => {
    const { clientId } = cloud.deployer;
    const signIns = await control.signIns(clientId);
    assert.ok(signIns.length > 0);
    assert.ok(signIns.every((one) => one.clientId === clientId && one.ok));
    assert.deepEqual(await control.signIns("nobody"), []);
  });

  it("says so when an order is for a host that is not there", async () => {
    await refused(control.hostAccess(), /started without a host/);
    await refused(control.host("drop-connections", {}), /started without a host/);
    await refused(control.host("explode" as "drop-connections", {}), /knows no order "explode"/);
  });

  it("answers before it shuts down", async () => {
    await control.shutdown();
    assert.equal(shutdowns, 1);
  });

  it("says where it looked when no lab answers", async () => {
    const nobody = new LabControl("http://127.0.0.1:1", TOKEN);
    await refused(nobody.status(), /does not answer at http:\/\/127\.0\.0\.1:1/);
    assert.throws(() => LabControl.fromFile("/nowhere/control.json"), /No lab runs/);
  });
});
