// Holds an interpreter to the table of cases of the host contract; one that is not here is named, with its reason.
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { encodeHostInput, type HostOutcome } from "../../src/contracts/host-update";
import {
  adoption,
  checks,
  otherStarts,
  recoveries,
  refusals,
  restorations,
  windows,
  type Case,
} from "./cases";
import type { Interpreter } from "../helpers/interpreters";
import { type Pass, passesOf } from "../helpers/cultures";
import { FORMER, FRESH, FakeHost } from "../helpers/fake-host";
import { writers } from "./writer-cases";

const groups: Readonly<Record<string, readonly Case[]>> = {
  adoption,
  writers,
  windows,
  refusals,
  "other starts": otherStarts,
  restorations,
  checks,
  recoveries,
};
const all = Object.values(groups).flat();
const holdsAfter: Readonly<Record<HostOutcome, string>> = {
  updated: FRESH,
  ready: FORMER,
  alreadyAdopted: FRESH,
  notNow: FORMER,
  refused: FORMER,
  restored: FORMER,
  needsHands: FORMER,
};

/** Declares the tests of all cases on an interpreter. */
export function holdToContract(interpreter: Interpreter): void {
  for (const pass of passesOf(interpreter)) holdPass(pass);
}

function holdPass(pass: Pass): void {
  describe(`host update on ${pass.name}`, () => {
    const { absent } = pass;
    if (absent !== undefined) {
      const count = all.length;
      it(`is not run (${count} cases): ${absent}`);
      return;
    }
    const verdicts = new Verdicts(pass);
    before(() => void verdicts.workAhead());
    for (const [name, cases] of Object.entries(groups)) {
      describe(name, () => {
        for (const one of cases) {
          if (isLeftOut(one)) {
            it(`${one.law} (not run here: ${one.leftOut ?? one.notOnWindows ?? ""})`);
            continue;
          }
          it(one.law + pass.culture(all.indexOf(one)), async function () {
            this.timeout(300_000);
            await verdicts.of(one);
          });
        }
      });
    }
  });
}

/** Cases that are held ahead of their tests, some at once: most of a case is waiting. */
class Verdicts {
  private static readonly AT_ONCE = 4;
  private readonly begun = new Map<Case, Promise<void>>();

  constructor(private readonly pass: Pass) {}

  /** The verdict of a case, which begins now if it has not. */
  of(one: Case): Promise<void> {
    const verdict = this.begun.get(one) ?? hold(one, new FakeHost(this.pass.of(all.indexOf(one))));
    verdict.catch(() => undefined); // its test, which may begin later, tells
    this.begun.set(one, verdict);
    return verdict;
  }

  async workAhead(): Promise<void> {
    const waiting = all.filter((one) => !isLeftOut(one));
    const work = async () => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
        if (!this.begun.has(one)) await this.of(one).catch(() => undefined);
      }
    };
    await Promise.all(Array.from({ length: Verdicts.AT_ONCE }, work));
  }
}

function isLeftOut(one: Case): boolean {
  const onWindows = process.platform === "win32" && one.notOnWindows !== undefined;
  return onWindows || one.leftOut !== undefined;
}

async function hold(one: Case, fakeHost: FakeHost): Promise<void> {
  try {
    await fakeHost.begin();
    one.given?.(fakeHost);
    for (const [option, text] of Object.entries(one.service ?? {})) fakeHost.option(option, text);
    const changes = { ...one.input, ...one.inputOf?.(fakeHost) };
    for (const former of one.before ?? [])
      await fakeHost.run("apply", { ...changes, retry: 0, revision: "1", ...former });
    one.meanwhile?.(fakeHost);
    const session = fakeHost.readOption("session").trim().split(" ");
    const formerFile = existsSync(fakeHost.file) ? readFileSync(fakeHost.file) : undefined;
    const formerMode = existsSync(fakeHost.file) ? statSync(fakeHost.file).mode : undefined;
    const hadState = existsSync(fakeHost.state);

    const input = encodeHostInput(fakeHost.update(changes));
    const child = fakeHost.spawn(one.mode ?? "apply", input, one.environment);
    const { code, stdout, stderr, report } = await fakeHost.finish(child);

    assert.ok(report, `no report; standard error: ${stderr}`);
    assert.equal(report.outcome, one.outcome, report.reason);
    assert.equal(code, one.code);
    if (one.says !== undefined) assert.ok(report.reason.includes(one.says), report.reason);
    assert.deepEqual({ ...report, ...one.tells }, report);
    if (one.alone === true) assert.equal(report.problems.length, 1, report.reason);
    if (one.nextSync !== undefined) assert.equal(report.nextSync, one.nextSync);
    if (one.within !== undefined)
      assert.ok(report.milliseconds < one.within * 1000, `${report.milliseconds} ms`);
    if (one.startsLike !== undefined) {
      session[1] = one.startsLike.locale;
      const now = fakeHost.readOption("session").trim().split(" ");
      // .NET leaves SIGPIPE ignored in all that it starts; the words of the shell's line cannot take that back.
      if (fakeHost.interpreter.language === "PowerShell")
        for (const each of [now, session]) each.length = 2;
      assert.deepEqual(now, session);
    }
    const failed = one.code >= 20;
    assert.equal(stderr, failed ? `keyturn: ${report.reason} ${report.remedy}\n` : "");
    for (const text of [
      stdout,
      stderr,
      fakeHost.stateText("journal"),
      fakeHost.stateText("order"),
    ]) {
      for (const value of [FORMER, FRESH]) {
        assert.ok(!text.includes(value), "a secret value is in an output");
        assert.ok(!text.includes(Buffer.from(value).toString("base64").slice(0, 12)));
      }
    }
    const events = fakeHost.events();
    const seen = events.filter((event, n) => event !== one.repeats || event !== events[n - 1]);
    if (one.times !== undefined) {
      const times = events.length - seen.length + 1;
      const [least, most] = one.times;
      assert.ok(times >= least && times <= most, `${one.repeats ?? ""} ${times} times`);
    }
    assert.deepEqual(seen, one.events ?? (one.outcome === "updated" ? ["stop", "start"] : []));
    assert.equal(fakeHost.readOption("value"), one.holds ?? holdsAfter[one.outcome]);
    assert.equal(fakeHost.stateText("staged"), one.staged ?? "", "the staged file");
    if (formerMode !== undefined)
      assert.equal(statSync(fakeHost.file).mode, formerMode, "the file's mode");
    const touched = one.outcome === "updated" || changes.content !== undefined;
    if (!touched && one.serviceWrites !== true && formerFile !== undefined) {
      assert.deepEqual(readFileSync(fakeHost.file), formerFile, "the file is not the former one");
    }
    if (one.mode === "check" || (one.outcome === "refused" && !hadState)) {
      assert.equal(
        existsSync(fakeHost.state),
        hadState,
        "a refusal or check has made the state folder",
      );
    }
  } finally {
    await fakeHost.end();
  }
}
