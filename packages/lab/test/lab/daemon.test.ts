// The lab as a process of its own: it ends with its parent unless it is kept, and takes its children with it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { LabControl } from "../../control-client";
import { type Daemon, startDaemon } from "../../daemon";
import { descendants, Folders, freeBase, occupy, runs } from "./support";
import { until } from "../../../../test/helpers/until";

describe("startDaemon", function () {
  this.timeout(60_000);
  const folders = new Folders();
  let daemons: Daemon[] = [];
  const start = async (...args: Parameters<typeof startDaemon>): Promise<Daemon> => {
    const daemon = await startDaemon(...args);
    daemons.push(daemon);
    return daemon;
  };
  afterEach(async () => {
    await Promise.all(daemons.map((daemon) => daemon.stop()));
    daemons = [];
    folders.clear();
  });

  it("runs a lab that its control reaches, and stops it", async () => {
    const labDir = folders.make();
    const daemon = await start({ labDir });
    assert.equal((await daemon.control.status()).lab.pid, daemon.pid);
    const family = [daemon.pid, ...descendants(daemon.pid)];
    assert.ok(family.length >= 3);
    await daemon.stop();
    await until("its processes are gone", () => !family.some(runs));
    assert.deepEqual(readdirSync(labDir), ["lab.log"]);
  });

  it("stops cleanly when it is interrupted", async () => {
    const labDir = folders.make();
    const daemon = await start({ labDir });
    const family = [daemon.pid, ...descendants(daemon.pid)];
    process.kill(daemon.pid, "SIGINT");
    await until("its processes are gone", () => !family.some(runs));
    assert.deepEqual(readdirSync(labDir), ["lab.log"]);
  });

  it("leaves no child behind when it is killed, and its folder can be used again", async () => {
    const labDir = folders.make();
    const daemon = await start({ labDir });
    const children = descendants(daemon.pid);
    assert.ok(children.length >= 2);
    process.kill(daemon.pid, "SIGKILL");
    await until("its children are gone", () => !children.some(runs));
    assert.ok(existsSync(join(labDir, "control.json")));
    const next = await start({ labDir });
    assert.notEqual(next.pid, daemon.pid);
  });

  for (const how of ["ends", "keeps"] as const) {
    it(`${how} the lab when its parent is killed and ${how === "ends" ? "never" : "had"} asked to keep it`, async () => {
      const labDir = folders.make();
      const parent = spawn(process.execPath, [join(__dirname, "daemon-parent.js"), labDir, how], {
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      });
      const [pid] = (await once(parent, "message")) as [number];
      const family = [pid, ...descendants(pid)];
      parent.kill("SIGKILL");
      await once(parent, "exit");
      if (how === "ends") {
        await until("the lab is gone", () => !family.some(runs));
        return;
      }
      const control = LabControl.fromFile(join(labDir, "control.json"));
      assert.equal((await control.status()).lab.pid, pid);
      await control.shutdown();
      await until("the lab is gone", () => !family.some(runs));
    });
  }

  it("hands the sentence on when the lab cannot start", async () => {
    const portBase = await freeBase();
    const busy = await occupy(portBase);
    try {
      const refused = startDaemon({ labDir: folders.make(), portBase });
      await assert.rejects(
        refused,
        /^LabError: Port \d+ is taken by another process, .* Entra's sign-in/,
      );
    } finally {
      busy.close();
    }
  });

  it("refuses a second lab in the same folder", async () => {
    const labDir = folders.make();
    await start({ labDir, host: false });
    await assert.rejects(startDaemon({ labDir }), /A lab already runs in/);
  });
});
