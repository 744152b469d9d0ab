// The host as a whole: SESAR against the emulated Entra and Graph, stopped and started over SSH.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HostOptions, type LabHost, startHost } from "../../host/host";
import { NEEDED_PERMISSIONS } from "../../host/sesar/directory-reader";
import { sampleInstanceFile } from "../../host/sesar/sample";
import type { SesarServiceStatus } from "../../host/sesar/service";
import { removePasswordOutOfBand, revokeAppRole, grantAppRole } from "../../cloud/mutations";
import { type Client, type Cloud, startCloud } from "../cloud/harness";
import { connect, run } from "./ssh-client";
import { until } from "../../../../test/helpers/until";

const LOOKUP =
  /^Sync next lookup at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \*\* You can stop the service before that time$/gm;

describe("startHost", () => {
  let cloud: Cloud;
  let caPemPath: string;
  let scratch: string;
  let directory: string;
  let host: LabHost;

  before(async () => {
    cloud = await startCloud();
    scratch = await mkdtemp(join(tmpdir(), "keyturn host "));
    caPemPath = join(scratch, "ca.pem");
    await writeFile(caPemPath, cloud.context.certificates.caPem);
  });

  after(async () => {
    await cloud.close();
    await rm(scratch, { recursive: true });
  });

  beforeEach(async () => {
    directory = await mkdtemp(join(scratch, "host "));
  });

  afterEach(async () => {
    await host.stop();
    assert.deepEqual(await processesOf(host.home), []);
  });

  function options(settings: Partial<HostOptions> = {}): HostOptions {
    const { endpoints, tenantId } = cloud.context;
    const { loginUrl, graphUrl } = endpoints;
    const pace = { cycleSeconds: 1, syncSeconds: 0 };
    return { directory, loginUrl, graphUrl, caPemPath, tenantId, ...pace, ...settings };
  }

  async function start(settings: Partial<HostOptions> = {}): Promise<void> {
    host = await startHost(options(settings));
  }

  /** Starts a host whose SESAR signs in as this client. */
  async function startAs(client: Client, settings: Partial<HostOptions> = {}): Promise<void> {
    const { clientId, clientSecret } = client;
    const instance = { clientId, clientSecret, tenantId: cloud.context.tenantId };
    await start({ instances: [instance], ...settings });
  }

  const status = (): SesarServiceStatus => host.services.sesar.status();
  const trace = (): Promise<string> => readFile(status().tracePath, "utf8");
  const synced = (): Promise<boolean> => until("a sync is over", () => status().lastSync !== null);

  it("says so when PowerShell is asked for where there is none", async () => {
    await start();
    const path = process.env["PATH"];
    process.env["PATH"] = scratch;
    try {
      await assert.rejects(startHost(options({ interpreter: "powershell" })), /needs pwsh on PATH/);
    } finally {
      process.env["PATH"] = path;
    }
  });

  it("moves documents and signs in nowhere while SESAR has no secret", async () => {
    const before = cloud.context.directory.signIns.length;
    await start();
    await until("two syncs are over", () => status().syncs === 2);
    assert.equal(cloud.context.directory.signIns.length, before);
    assert.equal(status().failedSyncs, 0);
    assert.equal(status().documentsProcessed, 6);
    assert.equal(status().state, "running");
    assert.equal(status().encrypted, true);
    assert.equal((await trace()).match(LOOKUP)?.length, 2);
  });

  it("announces the next sync in the vendor's words, and keeps to it", async () => {
    await start();
    await until("two syncs are over", () => status().syncs === 2);
    const announced = status().nextLookup;
    await until("the third is over", () => status().syncs === 3);
    assert.ok(announced !== null && Date.parse(status().lastSync ?? "") >= Date.parse(announced));
    const lines = (await trace()).match(LOOKUP) ?? [];
    const local = lines.at(-1)?.slice(20, 39).replace(" ", "T") ?? "";
    assert.equal(new Date(local).toISOString(), status().nextLookup);
  });

  it("signs in anew for every sync and reads users and licences into its own store", async () => {
    const client = cloud.client(...NEEDED_PERMISSIONS);
    const users = [...cloud.context.directory.users.values()];
    const [first] = users;
    assert.ok(first);
    const groups = await licenceGroups(cloud, first.userObjectId);
    await startAs(client);
    await until("two syncs are over", () => status().syncs === 2);
    const ids = cloud.context.directory.signIns.filter((one) => one.clientId === client.clientId);
    assert.equal(ids.length, 2);
    assert.deepEqual([...new Set(ids.map((one) => one.keyId))], [client.keyId]);
    assert.deepEqual(status().failures, []);
    assert.equal(status().instances[0]?.secretHint, client.clientSecret.slice(0, 3));
    const store = join(host.services.sesar.folder, "data", "Main", "users.json");
    const stored = JSON.parse(await readFile(store, "utf8")) as {
      userObjectId: string;
      licence: string | null;
      timeZone: string;
    }[];
    assert.equal(stored.length, users.length);
    assert.equal(stored.find((one) => one.userObjectId === first.userObjectId)?.licence, "Pro");
    assert.ok(stored.every((one) => one.timeZone !== ""));
    for (const group of groups) cloud.context.directory.groups.delete(group);
  });

  it("fails its syncs while a permission is missing, and goes on when it is back", async () => {
    const client = cloud.client(...NEEDED_PERMISSIONS);
    const { directory: tenant } = cloud.context;
    await startAs(client);
    await synced();
    revokeAppRole(tenant, client.clientId, "MailboxSettings.Read");
    await until("a sync has failed", () => status().failedSyncs > 0);
    assert.equal(status().failures[0]?.code, "MissingPermission MailboxSettings.Read");
    assert.match(
      await trace(),
      /synchronisation failed: permission MailboxSettings.Read is missing/,
    );
    grantAppRole(tenant, client.clientId, "MailboxSettings.Read");
    const { syncs } = status();
    await until("a sync is good again", () => status().syncs > syncs);
  });

  it("fails its syncs with Entra's own code for a wrong secret, and goes on with documents", async () => {
    const client = cloud.client(...NEEDED_PERMISSIONS);
    await startAs({ ...client, clientSecret: `Wr0${client.clientSecret.slice(3)}` });
    await until("two syncs have failed", () => status().failedSyncs === 2);
    assert.equal(status().failures[0]?.code, "AADSTS7000215");
    await until("its documents are stored", () => status().documentsProcessed === 6);
    assert.match(await trace(), /synchronisation failed: AADSTS7000215/);
    assert.equal(status().state, "running");
  });

  it("fails its syncs with Entra's own code for an expired secret", async () => {
    const client = cloud.client(...NEEDED_PERMISSIONS);
    await startAs(client);
    await synced();
    const { clock } = cloud.context;
    const before = clock.now();
    clock.advance("P3Y");
    await until("a sync has failed", () => status().failedSyncs > 0);
    clock.set(before);
    assert.equal(status().failures[0]?.code, "AADSTS7000222");
  });

  it("fails its syncs once the secret is removed", async () => {
    const client = cloud.client(...NEEDED_PERMISSIONS);
    await startAs(client);
    await synced();
    removePasswordOutOfBand(cloud.context.directory, client.clientId, client.keyId);
    await until("a sync has failed", () => status().failedSyncs > 0);
    assert.equal(status().failures[0]?.code, "AADSTS7000215");
  });

  it("never tells the secret: not in trace, status, output or anywhere in its folder", async () => {
    const client = cloud.client(...NEEDED_PERMISSIONS);
    await startAs(client);
    await synced();
    removePasswordOutOfBand(cloud.context.directory, client.clientId, client.keyId);
    await until("a sync has failed", () => status().failedSyncs > 0);
    const files = await readdir(directory, { recursive: true, withFileTypes: true });
    for (const file of files.filter((one) => one.isFile())) {
      const bytes = await readFile(join(file.parentPath, file.name));
      assert.ok(!bytes.includes(client.clientSecret), file.name);
    }
    assert.ok(!JSON.stringify(host.status()).includes(client.clientSecret));
  });

  it("loses no document when it is stopped between two syncs, over SSH", async () => {
    await start({ cycleSeconds: 30 });
    await synced();
    assert.deepEqual(await control("stop"), { code: 0, stdout: "stopped\n" });
    assert.equal((await control("status")).code, 3);
    assert.deepEqual(await control("start"), { code: 0, stdout: "running\n" });
    const [stop] = status().stops;
    assert.ok(stop?.downtimeMs);
    assert.deepEqual([stop.midSync, stop.documentsLost], [false, 0]);
    assert.match(stop.stoppedBy, /^ssh:127\.0\.0\.1:\d+$/);
    assert.equal(status().documentsLost, 0);
    assert.match(await trace(), /Service stopped\n/);
  });

  it("loses the documents in flight when it is stopped in mid-sync, and says so", async () => {
    await start({ syncSeconds: 30, documentsPerSync: 4 });
    await until("a sync has begun", () => status().instances[0]?.syncing === true);
    await until(
      "the documents are in flight",
      async () =>
        (await readdir(join(host.services.sesar.folder, "data", "Main", "in-flight"))).length === 4,
    );
    await control("stop");
    const [stop] = status().stops;
    assert.deepEqual([stop?.midSync, stop?.documentsLost], [true, 4]);
    assert.equal(status().documentsLost, 4);
    assert.match(await trace(), /Service stopped during a sync: 4 documents lost/);
  });

  it("finds out at its next start what a kill in mid-sync has cost", async () => {
    await start({ syncSeconds: 30, documentsPerSync: 2 });
    await until(
      "the documents are in flight",
      async () =>
        (
          await readdir(join(host.services.sesar.folder, "data", "Main", "in-flight")).catch(
            () => [],
          )
        ).length === 2,
    );
    await host.services.sesar.service.kill();
    await until("the end is known", () => status().state === "stopped");
    await control("start");
    await until("the loss is known", () => status().documentsLost === 2);
    assert.deepEqual([status().stops[0]?.midSync, status().stops[0]?.documentsLost], [true, 2]);
  });

  it("reads its configuration at start only", async () => {
    const client = cloud.client(...NEEDED_PERMISSIONS);
    await startAs(client);
    await synced();
    await writeFile(host.services.sesar.instancePath, "no configuration");
    const { syncs } = status();
    await until("it goes on", () => status().syncs > syncs);
    assert.equal(status().encrypted, false);
    await control("stop");
    assert.equal((await control("start")).code, 0);
    await until("it has ended", () => status().state === "stopped");
    assert.match(status().rejected ?? "", /neither encrypted/);
    assert.match(await trace(), /Service cannot start: instance.json/);
  });

  it("works again with the encrypted file of before when that is put back", async () => {
    const client = cloud.client(...NEEDED_PERMISSIONS);
    await startAs(client, { cycleSeconds: 30 });
    await synced();
    const { instancePath } = host.services.sesar;
    const before = await readFile(instancePath);
    await control("stop");
    const { clientId } = client;
    const { tenantId } = cloud.context;
    const wrong = sampleInstanceFile({ clientId, tenantId, clientSecret: "wrong" });
    await writeFile(instancePath, wrong);
    await control("start");
    await until("its sync has failed", () => status().failedSyncs === 1);
    assert.equal(status().encrypted, true);
    await control("stop");
    await writeFile(instancePath, before);
    await control("start");
    await until("its sync is good", () => status().syncs === 2);
    assert.equal(status().failedSyncs, 1);
  });

  it("traces several instances under their names, and each at its own pace", async () => {
    const { tenantId } = cloud.context;
    const ids = { clientId: "", tenantId };
    await start({
      instances: [
        { ...ids, configName: "North" },
        { ...ids, configName: "South" },
        { ...ids, configName: "Asleep", refreshIntervalMs: 0 },
      ],
    });
    const synchronised = (): number => status().instances.filter((one) => one.lastSync).length;
    await until("both have synced", () => synchronised() === 2);
    assert.deepEqual(
      status().instances.map((one) => one.configName),
      ["North", "South"],
    );
    const text = await trace();
    assert.match(text, /^North: Sync next lookup at /m);
    assert.match(text, /^South: Sync next lookup at /m);
    assert.doesNotMatch(text, /Asleep/);
  });

  it("keeps a former installation of its folder", async () => {
    const client = cloud.client(...NEEDED_PERMISSIONS);
    await startAs(client);
    await synced();
    await host.stop();
    await start();
    await until("it signs in as before", () => status().signIns > 0);
  });

  it("runs beside another host, each with its own port, keys and services", async () => {
    await start();
    const otherDirectory = await mkdtemp(join(scratch, "other "));
    const other = await startHost(options({ directory: otherDirectory }));
    assert.notEqual(other.ssh.port, host.ssh.port);
    assert.notEqual(other.ssh.hostKey, host.ssh.hostKey);
    const { port, user } = other.ssh;
    const key = host.ssh.privateKeyPem;
    await assert.rejects(connect({ port, username: user, privateKey: key }), /authentication/);
    await control("stop");
    assert.equal(other.status().services.sesar.state, "running");
    await other.stop();
  });

  it("says that a port is taken, and leaves nothing running", async () => {
    await start();
    const otherDirectory = await mkdtemp(join(scratch, "other "));
    const taken = options({ directory: otherDirectory, sshPort: host.ssh.port });
    await assert.rejects(startHost(taken), /EADDRINUSE/);
    assert.deepEqual(await processesOf(join(otherDirectory, "home")), []);
  });

  it("leaves no process behind when it is stopped while a detached command runs", async () => {
    await start();
    const client = await signIn();
    await run(client, "setsid sleep 600 < /dev/null > /dev/null 2>&1 &");
    assert.ok((await processesOf(host.home)).length > 1);
    await host.stop();
    assert.deepEqual(await processesOf(host.home), []);
    client.end();
  });

  it("leaves no process behind when the lab is killed", async () => {
    await start();
    const otherDirectory = await mkdtemp(join(scratch, "killed "));
    const home = join(otherDirectory, "home");
    const lab = labProcess(options({ directory: otherDirectory }));
    await once(lab, "message");
    await until("its service runs", async () => (await processesOf(home)).length > 0);
    lab.kill("SIGKILL");
    await until("nothing is left", async () => (await processesOf(home)).length === 0);
  });

  async function signIn(): ReturnType<typeof connect> {
    const { port, user, privateKeyPem } = host.ssh;
    return connect({ port, username: user, privateKey: privateKeyPem });
  }

  /** As a host script does: the program and its arguments, over SSH. */
  async function control(
    verb: "start" | "stop" | "status",
  ): Promise<{ code: number | null; stdout: string }> {
    const client = await signIn();
    const [program = "", ...words] = host.services.sesar.commands[verb];
    const { code, stdout } = await run(client, `'${program}' ${words.join(" ")}`);
    client.end();
    return { code, stdout };
  }
});

/** A lab of its own process that can be killed. */
function labProcess(options: HostOptions): ChildProcess {
  const module = join(__dirname, "host-process.js");
  return spawn(process.execPath, [module, JSON.stringify(options)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
}

/** Pids of the host's processes: those with this HOME, and the guardian, which is told of it. */
async function processesOf(home: string): Promise<readonly string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found: string[] = [];
  for (const pid of pids) {
    const words = async (file: string): Promise<readonly string[]> => {
      const text = await readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
      return text.split("\0");
    };
    const ours = (await words("environ")).includes(`HOME=${home}`);
    if (ours || (await words("cmdline")).includes(home)) found.push(pid);
  }
  return found;
}

/** The licence groups, with this user in Pro; gives their object ids. */
async function licenceGroups(cloud: Cloud, userObjectId: string): Promise<readonly string[]> {
  const token = await cloud.token("Group.ReadWrite.All", "GroupMember.ReadWrite.All");
  const made: string[] = [];
  const make = async (displayName: string): Promise<string> => {
    const body = {
      displayName,
      mailNickname: displayName,
      mailEnabled: false,
      securityEnabled: true,
    };
    const response = await cloud.graph("POST", "/v1.0/groups", { token, body });
    const { id } = response.body as { readonly id: string };
    made.push(id);
    return id;
  };
  const add = async (group: string, member: string): Promise<void> => {
    const body = {
      "@odata.id": `${cloud.context.endpoints.graphUrl}/v1.0/directoryObjects/${member}`,
    };
    await cloud.graph("POST", `/v1.0/groups/${group}/members/$ref`, { token, body });
  };
  const root = await make("SecureExchanges_Licences");
  for (const name of ["Advanced", "Eco", "No_Licence", "Pro"]) {
    const group = await make(name);
    await add(root, group);
    if (name === "Pro") await add(group, userObjectId);
  }
  return made;
}
