// What the script asks of itself before it reads a secret: whose it is, who may write it, and that it is what its name tells.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { encodeHostInput } from "../../src/contracts/host-update";
import { FRESH, FakeHost, hostEnvironment } from "../helpers/fake-host";
import { interpreters } from "../helpers/interpreters";
import { leaveOut } from "../helpers/leave-out";

const isPosix = process.platform !== "win32";
const STRANGER = 54_321;

for (const interpreter of interpreters()) {
  describe(`the update script itself on ${interpreter.name}`, function () {
    this.timeout(120_000);
    const { absent } = interpreter;
    if (absent !== undefined || !isPosix) {
      it(`is not run: ${absent ?? "an access list takes the place of mode and owner"}`);
      return;
    }
    const ending = interpreter.language === "sh" ? "sh" : "ps1";
    const hash = createHash("sha256").update(readFileSync(interpreter.script)).digest("hex");
    let fakeHost: FakeHost;
    let script: string;
    beforeEach(() => {
      fakeHost = new FakeHost(interpreter);
      script = join(fakeHost.folder, "above", "Keyturn", `update-${hash.slice(0, 8)}.${ending}`);
      mkdirSync(dirname(script), { recursive: true });
      copyFileSync(interpreter.script, script);
    });
    afterEach(() => fakeHost.end());

    const run = (path: string) => {
      const [program = "", ...args] = interpreter.command(path);
      const env = { ...hostEnvironment(), PATH: interpreter.path };
      const child = spawn(program, [...args, "apply"], { env });
      child.stdin.on("error", () => undefined);
      child.stdin.end(encodeHostInput(fakeHost.update()));
      return fakeHost.finish(child);
    };
    const assertRefused = async (says: RegExp, path = script) => {
      const { code, report, stdout, stderr } = await run(path);
      assert.equal(code, 20, stderr);
      assert.equal(report?.outcome, "refused");
      assert.match(report.reason, /^The script may be another's: /);
      assert.match(report.problems.join("\n"), says);
      assert.equal(stderr, `keyturn: ${report.reason} ${report.remedy}\n`);
      assert.equal(report.keyId, "", "the input was read");
      assert.ok(!stdout.includes(FRESH));
      assert.ok(!existsSync(fakeHost.state));
    };
    const asRoot = (context: Mocha.Context) => {
      if (process.getuid?.() !== 0) leaveOut(context, "only root gives a file to another user");
    };

    it("goes on under its own name in a folder that is closed to others", async () => {
      await fakeHost.begin();
      const { report } = await run(script);
      assert.equal(report?.outcome, "updated", report?.reason);
    });

    if (interpreter.language === "PowerShell") {
      it("goes on with a signature at its end, under the name that this gives it", async () => {
        const block = [
          "Begin signature block",
          "MIIFuQYJKoZIhvcNAQcCoIIFqjCCBaYCAQEx",
          "End signature block",
        ];
        const signed = `${readFileSync(interpreter.script, "latin1")}${block
          .map((line) => `# ${line.endsWith("block") ? "SIG # " : ""}${line}\r\n`)
          .join("")}`;
        const digest = createHash("sha256").update(signed, "latin1").digest("hex");
        const path = join(dirname(script), `update-${digest.slice(0, 8)}.ps1`);
        writeFileSync(path, signed, "latin1");
        await fakeHost.begin();
        const { report } = await run(path);
        assert.equal(report?.outcome, "updated", report?.reason);
      });
    }

    it("refuses in a folder of another user", async function () {
      asRoot(this);
      chownSync(dirname(script), STRANGER, STRANGER);
      await assertRefused(/^The script's folder, .*Keyturn, must be owned and written by/m);
    });

    it("refuses when the script is another user's", async function () {
      asRoot(this);
      chownSync(script, STRANGER, STRANGER);
      await assertRefused(/^The script's file, /m);
    });

    it("refuses in a folder that everybody may write", async () => {
      chmodSync(dirname(script), 0o1777);
      await assertRefused(/^The script's folder, /m);
    });

    it("refuses when everybody may write the script", async () => {
      chmodSync(script, 0o666);
      await assertRefused(/^The script's file, /m);
    });

    it("refuses when another group may write the script", async function () {
      asRoot(this);
      chownSync(script, 0, STRANGER);
      chmodSync(script, 0o664);
      await assertRefused(/^The script's file, /m);
    });

    it("refuses in a folder that whoever may write the one above can replace", async () => {
      chmodSync(dirname(dirname(script)), 0o777);
      await assertRefused(/^The script's folder above it, .*above, /m);
    });

    it("refuses when its content is not what its name tells", async () => {
      const other = join(dirname(script), `update-00000000.${ending}`);
      copyFileSync(interpreter.script, other);
      await assertRefused(/^The script .* is not the one that its name tells/m, other);
    });

    it("says everything that is wrong with it at once", async () => {
      chmodSync(script, 0o666);
      chmodSync(dirname(script), 0o777);
      await assertRefused(/file, [^]*folder, /);
    });
  });
}
