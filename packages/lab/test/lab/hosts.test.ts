// A lab with several hosts: told apart by name, each on its own; and a service with several instances.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { readArguments } from "../../arguments";
import { LabControl } from "../../control-client";
import { type Lab, startLab } from "../../lab";
import { checkOptions } from "../../options";
import { descendants, Folders, freeBase } from "./support";
import { until } from "../../../../test/helpers/until";

const NAMES = ["north", "centre", "south"];

describe("a lab with several hosts", function () {
  this.timeout(60_000);
  const folders = new Folders();
  let lab: Lab;
  let portBase: number;
  let control: LabControl;
  before(async () => {
    portBase = await freeBase();
    lab = await startLab({
      labDir: folders.make(),
      portBase,
      hosts: NAMES,
      instances: ["Sales", "Legal"],
      cycleSeconds: 2,
      syncSeconds: 0.1,
    });
    control = LabControl.fromFile(lab.controlPath);
  });
  after(async () => {
    await (lab as Lab | undefined)?.stop();
    folders.clear();
  });

  it("gives each its own port, keys, folder and service", async () => {
    const all = await Promise.all(NAMES.map((name) => control.hostAccess(name)));
    for (const part of [
      all.map(({ ssh }) => String(ssh.port)),
      all.map(({ ssh }) => ssh.hostKey),
      all.map(({ ssh }) => ssh.privateKeyPem),
      all.map(({ home }) => home),
      all.map(({ service }) => service.instancePath),
      Object.values((await control.status()).hosts).map(({ services }) =>
        String(services.sesar.pid),
      ),
    ]) {
      assert.equal(new Set(part).size, NAMES.length);
    }
    const secrets = await control.secretValues();
    assert.ok(all.every(({ ssh }) => secrets.includes(ssh.privateKeyPem)));
  });

  it("takes the ports behind everything else for all but the first", async () => {
    const { hosts } = await control.status();
    assert.deepEqual(
      NAMES.map((name) => hosts[name]?.ssh.port),
      [portBase + 6, portBase + 16, portBase + 17],
    );
  });

  it("carries an order out on the host that is named, and on the first where none is", async () => {
    const states = async (): Promise<unknown[]> =>
      Object.values((await control.status()).hosts).map(({ services }) => services.sesar.state);
    await control.host("stop-service", {}, "south");
    assert.deepEqual(await states(), ["running", "running", "stopped"]);
    await control.host("stop-service", {});
    assert.deepEqual(await states(), ["stopped", "running", "stopped"]);
    await control.host("start-service", {}, "north");
    await control.host("start-service", {}, "south");
    assert.deepEqual(await states(), ["running", "running", "running"]);
    const { host, hosts } = await control.status();
    assert.deepEqual(host?.ssh, hosts["north"]?.ssh);
  });

  it("says which hosts there are when it is asked for another", async () => {
    const missing = /has no host "west"\. It has north, centre, south\./;
    await assert.rejects(control.hostAccess("west"), missing);
    await assert.rejects(control.host("kill-service", {}, "west"), missing);
  });

  it("runs every instance of a service's file, each named in the trace", async () => {
    const { installationFile, instances } = (await control.hostAccess("centre")).service;
    assert.deepEqual(instances, ["Sales", "Legal"]);
    assert.equal(installationFile.match(/"AzureAD_Secret"/g)?.length, 2);
    const sesar = () => lab.status().hosts["centre"]?.services.sesar;
    await until("both have synchronised", () => {
      const seen = sesar()?.instances ?? [];
      return seen.length === 2 && seen.every((one) => one.nextLookup !== null);
    });
    const trace = readFileSync(sesar()?.tracePath ?? "", "utf8");
    for (const name of instances)
      assert.match(trace, new RegExp(`^${name}: Sync next lookup`, "m"));
  });

  it("leaves no process and no file of any host when it stops", async () => {
    await lab.stop();
    await until("their processes are gone", () => descendants(process.pid).length === 0);
    assert.deepEqual(readdirSync(lab.labDir), []);
  });
});

describe("the lab's options for hosts", () => {
  it("are given by name on its command line", () => {
    const options = readArguments(["--hosts", "north,south", "--instances", "Sales,Legal"]);
    assert.deepEqual(options, { hosts: ["north", "south"], instances: ["Sales", "Legal"] });
  });

  it("refuse names that are the same, that are none, and more hosts than a lab takes", () => {
    const many = Array.from({ length: 9 }, (_, index) => `host-${index}`);
    for (const [hosts, problem] of [
      [["north", "north"], /hosts: must differ/],
      [["../north"], /hosts\.0: must be lower-case/],
      [[], /hosts: /],
      [many, /hosts: /],
    ] as const) {
      assert.throws(() => checkOptions({ hosts: [...hosts] }), problem);
    }
    assert.throws(() => checkOptions({ instances: ["A", "A"] }), /instances: must differ/);
  });
});
