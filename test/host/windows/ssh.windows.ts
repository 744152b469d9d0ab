// A rotation of a Windows service over SSH: the script runs in the session of an SSH server, whose process ends with the
// connection. HOST_CONTRACT_SSH has the words that come before a command of the host's, for example `ssh -i key user@127.0.0.1`,
// and HOST_CONTRACT_SSH_FOLDER a folder there that only administrators write; without them it is not run, by name.
import assert from "node:assert/strict";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { encodeHostInput } from "../../../src/contracts/host-update";
import { FORMER, FRESH, hostEnvironment } from "../../helpers/fake-host";
import type { FakeWindowsHost } from "../../helpers/fake-windows-host";
import { until } from "../../helpers/until";
import { windowsMachines } from "../../helpers/windows-machines";

const words = (process.env["HOST_CONTRACT_SSH"] ?? "").split(" ").filter((word) => word !== "");
const folder = process.env["HOST_CONTRACT_SSH_FOLDER"] ?? "";
const unnamed =
  words.length === 0 || folder === ""
    ? "HOST_CONTRACT_SSH and HOST_CONTRACT_SSH_FOLDER name no SSH server"
    : undefined;

for (const machine of windowsMachines()) {
  describe(`host update of a Windows service over SSH on ${machine.name}`, function () {
    this.timeout(240_000);
    const absent = machine.absent ?? unnamed;
    if (absent !== undefined) {
      it(`is not run (2 cases): ${absent}`);
      return;
    }
    let fakeHost: FakeWindowsHost;
    before(() => machine.begin());
    after(() => machine.end());
    beforeEach(async function () {
      fakeHost = machine.host();
      fakeHost.option("law", this.currentTest?.title ?? "");
      await fakeHost.begin();
    });
    afterEach(() => fakeHost.end());

    const start = (settleSeconds: number): ChildProcess => {
      const script = join(folder, "update.ps1");
      copyFileSync(fakeHost.script, script);
      // The account of the connection is another than this one, whose file it would not run.
      if (process.platform === "win32")
        execFileSync("icacls.exe", [script, "/setowner", "*S-1-5-32-544"], { stdio: "pipe" });
      const line = [...words, ...fakeHost.interpreter.command(script), "apply"];
      const [program, ...args] = line as [string, ...string[]];
      const child = spawn(program, args, {
        env: { ...hostEnvironment(), ...fakeHost.environment },
      });
      child.stdin.on("error", () => undefined); // a refusal may come before the end of the input
      child.stdin.end(encodeHostInput(fakeHost.update({ settleSeconds })));
      return child;
    };

    it("updates the file, and the report comes back over the connection", async () => {
      const { report, stderr } = await fakeHost.finish(start(0));
      assert.equal(report?.outcome, "updated", report?.reason ?? stderr);
      assert.deepEqual(fakeHost.events(), ["stop", "start"]);
      assert.ok(fakeHost.isRunning());
      assert.equal(fakeHost.readOption("value"), FRESH);
    });

    it("is put right by the dead-man switch when the connection is cut while it proves", async () => {
      const child = start(30);
      const journal = (): string => fakeHost.stateText("journal");
      await until("it proves", () => journal().includes("phase proving"), 90);
      fakeHost.kill(child);
      await until("it is put right", () => journal().includes("phase closed"), 150);
      assert.ok(fakeHost.isRunning());
      assert.ok([FORMER, FRESH].includes(fakeHost.readOption("value")));
    });
  });
}
