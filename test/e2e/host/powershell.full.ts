// One rotation through the engine onto a host that runs PowerShell: update.ps1 is what Windows services get. PowerShell on
// Linux stands in for Windows PowerShell here, so the service manager and access lists of Windows are not shown. It is also what
// the SSH server hands each command to, as where PowerShell is OpenSSH's default shell: then no exit code but 0 and 1 arrives.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { DeployedStack } from "../../helpers/deployed-stack";
import { leaveOut } from "../../helpers/leave-out";
import { OPENSSH } from "../../helpers/ssh-routes";
import { findProgram } from "../../helpers/interpreters";
import { leaksIn } from "../../helpers/leaks";
import { E2E_TIMEOUT_MS } from "../../helpers/lab-stack";

/** PowerShell comes up in seconds where two others do, and each program that it starts is a process. */
const TIMES = { stopTimeoutSeconds: 20, startTimeoutSeconds: 20, proofTimeoutSeconds: 60 };

/** The script ends with 20 or 21, and its default shell makes 1 of that: only the sentence tells the outcomes apart. */
const CODE_LOST = /Process exited with status 1\b/;

describe("a host that runs PowerShell", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  if (findProgram("pwsh") === undefined) {
    it("is not run: pwsh is not on PATH");
    return;
  }
  let deployed: DeployedStack | undefined;
  before(async () => {
    deployed = await DeployedStack.open({
      lab: { interpreter: "powershell", defaultShell: "powershell", cycleSeconds: 10 },
    });
    deployed.override(TIMES);
  });
  after(async () => {
    await deployed?.close();
  });

  const stack = (): DeployedStack => {
    assert(deployed !== undefined);
    return deployed;
  };

  it("gets update.ps1, and its service goes on the first secret", async () => {
    const home = (await stack().labStack.rehearsal.control.hostAccess()).home;
    const scripts = readdirSync(join(home, "keyturn"));
    assert.deepEqual(
      scripts.map((name) => name.replace(/^update-.*\./, "")),
      ["ps1"],
    );
    assert.equal((await stack().consumerOutput())?.outcome, "updated");
    assert.equal((await stack().service()).encrypted, true);
  });

  it("is moved to the next secret with one restart, no failed sign-in and no document lost", async () => {
    const former = await stack().service();
    stack().rotateNow();
    await stack().labStack.up();
    const { active } = await stack().history();
    const output = await stack().consumerOutput();
    assert.deepEqual([output?.adopted, output?.keyId], [true, active?.keyId], output?.reason);
    assert.equal(stack().report().restarts, 1);
    const now = await stack().service();
    assert.deepEqual(
      [now.state, now.starts - former.starts, now.failedSyncs, now.documentsLost],
      ["running", 1, former.failedSyncs, former.documentsLost],
    );
    assert.equal(await stack().heldKeyId(), active?.keyId);
  });

  it("gets the former secret back when the proof fails", async () => {
    const { control } = stack().labStack.rehearsal;
    const { active } = await stack().history();
    stack().override({ failurePatterns: ["Sync started"] });
    stack().rotateNow();
    const said = await stack().failingUp();
    assert.match(said, /former file is back/);
    assert.match(said, CODE_LOST);
    assert.equal(stack().report().outcome, "restored");
    assert.equal(await stack().heldKeyId(), active?.keyId);
    const secrets = await control.secretValues();
    assert.deepEqual(leaksIn("printed", stack().labStack.printed, secrets), []);
  });

  it("says what must be put right first when it refuses, though the exit code is that of a restore", async () => {
    const { starts } = await stack().service();
    stack().override({ failurePatterns: [], traceDirectory: "/nowhere-at-all" });
    const said = await stack().failingUp();
    assert.match(said, /The host is not ready: traceDirectory/);
    assert.match(said, CODE_LOST);
    assert.equal((await stack().service()).starts, starts);
  });

  it("needs hands when its service does not start any more, and goes on by the steps that it names", async () => {
    const { control } = stack().labStack.rehearsal;
    const { folder } = (await control.hostAccess()).service;
    stack().override({ traceDirectory: folder, startTimeoutSeconds: 3 });
    await control.host("set-service-faults", { disabled: true });
    const said = await stack().failingUp();
    assert.match(said, /Needs hands: the update failed \(the service did not run within 3 seconds/);
    assert.match(said, CODE_LOST);
    assert.equal((await stack().service()).state, "stopped");
    await control.host("set-service-faults", {});
    const steps = /\(1\) (.+) \(2\) (.+) \(3\) (.+) \(4\)/.exec(said)?.slice(1) ?? [];
    assert.equal(steps.length, 3, said);
    for (const step of steps) execFileSync("pwsh", ["-NoProfile", "-Command", step]);
    assert.equal((await stack().service()).state, "running");
    stack().override({ startTimeoutSeconds: TIMES.startTimeoutSeconds });
  });

  it("says that its interpreter is missing, which has the exit code of all others", async () => {
    const { home } = await stack().labStack.rehearsal.control.hostAccess();
    const interpreter = join(home, "..", "bin", "powershell.exe");
    const [away, { starts }] = [`${interpreter}.away`, await stack().service()];
    renameSync(interpreter, away);
    try {
      const said = await stack().failingUp();
      assert.match(said, /'powershell\.exe' is not recognized/);
      assert.match(said, CODE_LOST);
      assert.equal((await stack().service()).starts, starts);
    } finally {
      renameSync(away, interpreter);
    }
  });

  it("is moved over OpenSSH's own sshd too, on the secret that it was put back from", async function () {
    if (OPENSSH.absent !== undefined) leaveOut(this, OPENSSH.absent);
    const { rehearsal } = stack().labStack;
    const issued = async (): Promise<string[]> => (await stack().issued()).map((one) => one.keyId);
    const [former, { stops }] = [await issued(), await stack().service()];
    const route = await OPENSSH.open(stack());
    try {
      const { privateKeyPem, connection, scriptDirectory } = route;
      await rehearsal.stack.setSecret("keyturn:consumerSecrets.sesar.privateKey", privateKeyPem);
      stack().override({ scriptDirectory });
      stack().consumer(["connection"], connection);
      // It was put back from twice by now.
      stack().consumer(["retry"], 1);
      await stack().labStack.up();
    } finally {
      route.close();
    }
    const output = await stack().consumerOutput();
    assert.deepEqual([output?.outcome, output?.adopted], ["updated", true], output?.reason);
    assert.match(readdirSync(String(route.scriptDirectory)).join(), /^update-\w+\.ps1$/);
    const [stop, ...more] = (await stack().service()).stops.slice(stops.length);
    assert(stop !== undefined && more.length === 0);
    assert(stop.stoppedBy.startsWith("ssh:127.0.0.1:"), stop.stoppedBy);
    assert.deepEqual(await issued(), former);
    assert.equal(output?.keyId, former.at(-1));
    assert.equal(await stack().heldKeyId(), output?.keyId);
  });

  it("is left with the journal, the report and the encrypted copy", () => {
    const folder = `${stack().file}.keyturn`;
    assert(existsSync(folder));
    assert.deepEqual(readdirSync(folder).sort(), ["backup", "journal", "report"]);
  });
});
