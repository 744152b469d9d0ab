// The lab's life in one process: what it starts, refuses and leaves behind.
import assert from "node:assert/strict";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { LabControl } from "../../control-client";
import { type Lab, startLab } from "../../lab";
import { request } from "../../shared/https";
import { at } from "../arm/cloud";
import { descendants, Folders, freeBase, occupy, runs } from "./support";
import { until } from "../../../../test/helpers/until";

describe("startLab", function () {
  this.timeout(60_000);
  const folders = new Folders();
  let labs: Lab[] = [];
  const start = async (...args: Parameters<typeof startLab>): Promise<Lab> => {
    const lab = await startLab(...args);
    labs.push(lab);
    return lab;
  };
  afterEach(async () => {
    await Promise.all(labs.map((lab) => lab.stop()));
    labs = [];
    folders.clear();
  });

  it("starts every server, the host and the stand-ins, and ends without a trace, twice in a row", async () => {
    const labDir = join(folders.make(), "not", "yet", "there");
    for (let round = 0; round < 2; round += 1) {
      const lab = await start({ labDir });
      const { endpoints, plugins, host } = lab.status();
      for (const url of [endpoints.loginUrl, endpoints.armUrl]) {
        const { caPem } = lab.context.certificates;
        const answer = await request({ method: "GET", url: `${url}/metadata/endpoints`, caPem });
        assert.equal(answer.status, 200);
      }
      assert.equal(plugins.running, true);
      assert.ok(plugins.ports["azuread"]);
      assert.equal(host?.services.sesar.state, "running");
      const children = descendants(process.pid);
      assert.ok(children.length >= 2);
      await lab.stop();
      await lab.stop();
      await until("its processes are gone", () => !children.some(runs));
      assert.deepEqual(readdirSync(labDir), []);
    }
  });

  it("takes BASE and the ports after it", async () => {
    const portBase = await freeBase();
    const lab = await start({ labDir: folders.make(), portBase });
    const { endpoints, lab: facts, host, plugins } = lab.status();
    assert.equal(endpoints.loginUrl, `https://localhost:${portBase}`);
    assert.equal(endpoints.vaultPort, portBase + 3);
    assert.equal(facts.controlUrl, `http://127.0.0.1:${portBase + 5}`);
    assert.equal(host?.ssh.port, portBase + 6);
    assert.ok(Object.values(plugins.ports).includes(portBase + 9));
  });

  for (const [use, offset] of [
    ["Azure Resource Manager", 2],
    ["the host's SSH server", 6],
    ["SnapPass", 7],
    ["the pipelines' jobs", 8],
    ["the plugin stand-ins", 9],
  ] as const) {
    it(`names the port, its use and the remedy when the port of ${use} is taken`, async () => {
      const portBase = await freeBase();
      const busy = await occupy(portBase + offset);
      const labDir = folders.make();
      try {
        await assert.rejects(startLab({ labDir, portBase }), {
          name: "LabError",
          message: `Port ${portBase + offset} is taken by another process, and the lab needs it for ${use}. Free it, give --port another base, or leave --port out to let the system choose.`,
        });
      } finally {
        busy.close();
      }
      await until("its processes are gone", () => descendants(process.pid).length === 0);
      assert.deepEqual(readdirSync(labDir), []);
    });
  }

  it("refuses a folder in which a lab runs", async () => {
    const labDir = folders.make();
    const lab = await start({ labDir, host: false });
    await assert.rejects(
      startLab({ labDir }),
      /A lab already runs in .* \(process \d+\)\. Stop it/,
    );
    assert.ok(existsSync(lab.controlPath));
  });

  it("takes over what a dead lab left", async () => {
    const labDir = folders.make();
    const dead = {
      url: "http://127.0.0.1:1",
      token: "x".repeat(32),
      pid: 4_194_304,
      startedAt: "",
    };
    writeFileSync(join(labDir, "control.json"), JSON.stringify(dead));
    writeFileSync(join(labDir, "lab.lock"), "4194304 1\n");
    const lab = await start({ labDir, host: false });
    assert.equal((await LabControl.fromFile(lab.controlPath).status()).lab.pid, process.pid);
  });

  it("is not deceived by a new process under a dead lab's id", async () => {
    const labDir = folders.make();
    writeFileSync(join(labDir, "lab.lock"), `${process.ppid} 1\n`);
    await start({ labDir, host: false });
  });

  it("says which folder it cannot write to", async () => {
    const file = join(folders.make(), "file");
    writeFileSync(file, "");
    const refused = startLab({ labDir: join(file, "lab") });
    await assert.rejects(
      refused,
      /^LabError: The lab cannot write to its folder .*file\/lab: ENOTDIR/,
    );
  });

  it("gives a folder to one of two labs that start at once over a dead one", async () => {
    const labDir = folders.make();
    writeFileSync(join(labDir, "lab.lock"), "4194304 1\n");
    const started = await Promise.allSettled([1, 2].map(() => start({ labDir, host: false })));
    assert.deepEqual(started.map((one) => one.status).sort(), ["fulfilled", "rejected"]);
  });

  it("names every problem of its options in one sentence", async () => {
    const options = { portBase: 80, plugins: "mine" as "lab", rate: 0, ports: 1 };
    await assert.rejects(
      startLab(options),
      /portBase: .*; plugins: .*; rate: .*Unrecognized key.*ports/,
    );
  });

  it("carries orders out on its host, and says how to reach it", async () => {
    const lab = await start({ labDir: folders.make() });
    const control = LabControl.fromFile(lab.controlPath);
    const { ssh, service } = await control.hostAccess();
    assert.equal(ssh.port, lab.host?.ssh.port);
    assert.match(ssh.hostKey, /^ssh-ed25519 /);
    assert.ok(existsSync(service.instancePath));
    assert.equal(at(JSON.parse(service.installationFile), "instances", 0, "AzureAD_Secret"), "");
    assert.ok((await control.secretValues()).includes(ssh.privateKeyPem));
    await control.host("kill-service", {});
    assert.equal((await control.status()).host?.services.sesar.state, "stopped");
    assert.deepEqual(await control.host("start-service", {}), { done: true, text: "running" });
    await control.host("set-fault", { kind: "refuse" });
    await assert.rejects(once(connect(ssh.port, ssh.host), "connect"), /ECONNREFUSED/);
    await control.host("clear-fault", {});
    const socket = connect(ssh.port, ssh.host);
    await once(socket, "connect");
    socket.destroy();
  });

  it("tells its control's address and token to its owner only", async () => {
    const lab = await start({ labDir: folders.make(), host: false });
    assert.equal(statSync(lab.controlPath).mode & 0o777, 0o600);
    const control = LabControl.fromFile(lab.controlPath);
    assert.deepEqual(await control.environment(), lab.environment());
    await control.shutdown();
    await lab.stopped;
    assert.ok(!existsSync(lab.controlPath));
  });

  it("attaches the engine to the stand-ins, or to azure-native's alone beside the vendor's plugins", async () => {
    const ours = (await start({ labDir: folders.make(), host: false })).environment();
    assert.match(ours["PULUMI_DEBUG_PROVIDERS"] ?? "", /azuread:\d+,.*random:\d+/);
    const lab = await start({ labDir: folders.make(), host: false, plugins: "vendor" });
    const port = lab.status().plugins.ports["azure-native"];
    const expected = port === undefined ? undefined : `azure-native:${port}`;
    assert.equal(lab.environment()["PULUMI_DEBUG_PROVIDERS"], expected);
  });

  it("leads to itself in the public cloud by its proxy and its authority alone", async () => {
    const lab = await start({ labDir: folders.make(), host: false, cloud: "public" });
    const { proxyUrl } = lab.status().endpoints;
    const environment = lab.environment();
    for (const name of ["HTTPS_PROXY", "https_proxy"]) assert.equal(environment[name], proxyUrl);
    assert.equal(environment["REQUESTS_CA_BUNDLE"], environment["NODE_EXTRA_CA_CERTS"]);
    // Whatever cloud the shell knows from which the lab was started.
    assert.equal(environment["ARM_ENVIRONMENT"], "public");
    assert.equal(environment["ARM_METADATA_HOSTNAME"], "");
    assert.equal(environment["ARM_DISABLE_INSTANCE_DISCOVERY"], undefined);
  });

  it("starts at the instant and rate it is given", async () => {
    const lab = await start({
      labDir: folders.make(),
      host: false,
      now: "2030-05-01T00:00:00Z",
      rate: 2,
    });
    assert.match(lab.status().clock.now, /^2030-05-01T00:0/);
    assert.equal(lab.status().clock.rate, 2);
  });
});
