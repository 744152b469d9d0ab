// Rotate now, break glass and a changed schedule, from the command line to the removed secret, on the real engine.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CommandLine } from "../helpers/command-line";
import { E2E_TIMEOUT_MS, LabStack, closing } from "../helpers/lab-stack";
import { leaksIn } from "../helpers/leaks";

describe("keyturn rotate-now", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let labStack: LabStack;
  let keyturn: CommandLine;
  before(async () => {
    labStack = await LabStack.open({ lab: { now: "2026-11-21T08:00:00Z" } });
    keyturn = new CommandLine(labStack);
  });
  after(closing(() => labStack));

  const path = (): string => join(labStack.rehearsal.workspaceDir, "Pulumi.dev.yaml");
  const file = (): string => readFileSync(path(), "utf8");
  /** Labels of our secrets that Entra accepts now. */
  const accepted = async (): Promise<string[]> => {
    const { credentials } = await labStack.rehearsal.status();
    return credentials
      .flatMap(({ passwords }) => passwords)
      .filter((one) => one.acceptedNow && one.displayName?.startsWith("sesar "))
      .map((one) => one.displayName?.slice("sesar ".length) ?? "")
      .sort();
  };
  const set = (key: string, value: string): void => labStack.set([`keyturn:${key}`], value);

  it("refuses before anything is issued, and changes nothing", async () => {
    const before = file();
    const { code, stderr } = await keyturn.run("rotate-now");
    assert.equal(code, 2);
    assert.match(stderr, /issued no secret yet/);
    assert.equal(file(), before);
  });

  it("reports a stack that has never run", async () => {
    const { code, stdout } = await keyturn.run("report");
    assert.equal(code, 0);
    assert.match(stdout, /No run has succeeded yet/);
  });

  it("raises the generation by one, and shows the line to review", async () => {
    await labStack.up();
    const before = file();
    const { code, stdout } = await keyturn.run("rotate-now");
    assert.equal(code, 0);
    assert.match(
      stdout,
      /Pulumi\.dev\.yaml:\n {2}- {3}keyturn:generation: "0"\n {2}\+ {3}keyturn:generation: "1"\nReview and commit it\./,
    );
    assert.equal(file(), before.replace('keyturn:generation: "0"', 'keyturn:generation: "1"'));
  });

  it("raises nothing a second time before a run", async () => {
    const before = file();
    const { code, stdout } = await keyturn.run("rotate-now");
    assert.equal(code, 0);
    assert.match(stdout, /raised to 1 already/);
    assert.equal(file(), before);
  });

  it("makes the next run issue and adopt another secret, and lets the former one retire with its overlap", async () => {
    await labStack.up();
    const { active, retiring } = await labStack.history();
    assert.equal(active?.label, "2026-11-g1");
    assert.deepEqual(
      retiring.map(({ label }) => label),
      ["2026-11"],
    );
    assert.deepEqual(await accepted(), ["2026-11", "2026-11-g1"]);
    const { stdout } = await keyturn.run("report");
    assert.match(stdout, /2026-11 .*retiring .*released from 2026-12-06/);
    assert.match(stdout, /2026-11-g1 .*active .*adopted 2026-11-21/);
    assert.doesNotMatch(stdout, /Attention/);
  });

  it("takes the overlap away while the glass is broken, and leaves what it is", async () => {
    const { code, stdout } = await keyturn.run("rotate-now", "--break-glass");
    assert.equal(code, 0);
    assert.match(file(), /keyturn:overlap: P14D\n/);
    assert.match(file(), /keyturn:generation: "2"\n/);
    assert.match(file(), /keyturn:brokenGlass: "2"\n/);
    assert.match((await keyturn.run("report")).stdout, /glass is broken since generation 2/);
    assert.match(stdout, /2026-11-g1 gets no overlap\..*still signs in until every consumer/);
    const { stderr, code: early } = await keyturn.run("rotate-now", "--end-break-glass");
    assert.equal(early, 2);
    assert.match(stderr, /rotation has not begun/);
  });

  it("releases the former secret in the run after the one that adopts, and removes it in the next", async () => {
    await labStack.up();
    assert.equal((await labStack.history()).active?.label, "2026-11-g2");
    assert((await accepted()).includes("2026-11-g1"));
    const { stderr, code } = await keyturn.run("rotate-now", "--end-break-glass");
    assert.equal(code, 2);
    assert.match(stderr, /2026-11-g1 .*not released yet/);

    await labStack.up();
    const { released, retiring } = await labStack.history();
    assert(released.some(({ label }) => label === "2026-11-g1"));
    assert.deepEqual(retiring, []);
    await labStack.up();
    assert.deepEqual(await accepted(), ["2026-11-g2"]);
    const service = await labStack.rehearsal.service();
    assert.equal(service.failedSyncs, 0);
    assert.equal(service.documentsLost, 0);
  });

  it("puts the overlap back, once", async () => {
    const { code, stdout } = await keyturn.run("rotate-now", "--end-break-glass");
    assert.equal(code, 0);
    assert.match(stdout, /\+ {3}keyturn:brokenGlass: "0"\nThe overlap is P14D again/);
    assert.match(file(), /keyturn:brokenGlass: "0"\n/);
    assert.equal((await keyturn.run("rotate-now", "--end-break-glass")).code, 2);
    assert.deepEqual(await labStack.changes("up"), ["update sesar"]);
  });

  it("keeps the secret when every is changed in mid-epoch, and rotates on the new calendar's day", async () => {
    set("every", "P1M");
    await labStack.up();
    assert.equal((await labStack.history()).active?.label, "2026-11-g2");
    assert.match((await keyturn.run("report")).stdout, /Next rotation: 2026-12-01 \(in 10 days\)/);
    await labStack.rehearsal.goTo("2026-12-01");
    await labStack.up();
    assert.equal((await labStack.history()).active?.label, "2026-12-g2");

    set("every", "P6M");
    await labStack.up();
    assert.equal((await labStack.history()).active?.label, "2026-12-g2");
    const { stdout } = await keyturn.run("report", "--json");
    const report = JSON.parse(stdout) as {
      nextRotation: unknown;
      secrets: { epoch: string; standing: string }[];
    };
    assert.deepEqual(report.nextRotation, { on: "2027-05-01", inDays: 151 });
    assert.deepEqual(
      report.secrets.map(({ epoch, standing }) => [epoch, standing]),
      [
        ["2026-11-g2", "retiring"],
        ["2026-12-g2", "active"],
      ],
    );
    assert.deepEqual(await accepted(), ["2026-11-g2", "2026-12-g2"]);
  });

  it("says of a failed run that the report is of the one before", async () => {
    set("vaultResourceGroup", "no-such-group");
    await assert.rejects(labStack.up());
    assert.match((await keyturn.run("report")).stdout, /The last update .* ended failed/);
  });

  it("prints no secret in any of this", async () => {
    const values = await labStack.rehearsal.control.secretValues();
    // Each epoch has a password and its copies; and all commands of this life were heard.
    assert(values.length > 4);
    for (const said of [/Next rotation/, /keyturn:generation/, /ended failed/])
      assert.match(keyturn.printed, said);
    assert.deepEqual(leaksIn("printed", keyturn.printed, values), []);
  });
});
