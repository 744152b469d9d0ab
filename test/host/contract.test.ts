// Holds every interpreter that is here to the table of cases of the host contract; names those that are not here.
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { encodeHostInput, type HostOutcome } from "../../components/pure/host-contract";
import { adoption, checks, recoveries, refusals, restorations, windows, type Case } from "./cases";
import { interpreters } from "./interpreters";
import { FORMER, FRESH, World } from "./world";
import { writers } from "./writer-cases";

const groups: Readonly<Record<string, readonly Case[]>> = {
  adoption,
  writers,
  windows,
  refusals,
  restorations,
  checks,
  recoveries,
};
const holdsAfter: Readonly<Record<HostOutcome, string>> = {
  updated: FRESH,
  ready: FORMER,
  alreadyAdopted: FRESH,
  notNow: FORMER,
  refused: FORMER,
  restored: FORMER,
  needsHands: FORMER,
};

for (const interpreter of interpreters()) {
  describe(`host update on ${interpreter.name}`, () => {
    const { absent } = interpreter;
    if (absent !== undefined) {
      const count = Object.values(groups).flat().length;
      it(`is not run (${count} cases): ${absent}`);
      return;
    }
    for (const [name, cases] of Object.entries(groups)) {
      describe(name, () => {
        // Three at once: most of a case is waiting.
        const verdicts = new Map<Case, Promise<unknown>>();
        before(() => {
          const waiting = cases.filter((one) => !isLeftOut(one));
          const settle = new Map<Case, (verdict: Promise<void>) => void>();
          for (const one of cases) {
            const verdict = new Promise<void>((done) => settle.set(one, done));
            verdict.catch(() => undefined); // its test, which may begin later, tells
            verdicts.set(one, verdict);
          }
          const work = async () => {
            for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
              const verdict = hold(one, new World(interpreter));
              const fault = verdict.catch((error: unknown) => error);
              settle.get(one)?.(verdict);
              await fault;
            }
          };
          void Promise.all([work(), work(), work()]);
        });
        for (const one of cases) {
          if (isLeftOut(one)) {
            it(`${one.law} (not run on Windows: ${one.notOnWindows ?? ""})`);
            continue;
          }
          it(one.law, async function () {
            this.timeout(300_000);
            await verdicts.get(one);
          });
        }
      });
    }
  });
}

function isLeftOut(one: Case): boolean {
  return process.platform === "win32" && one.notOnWindows !== undefined;
}

async function hold(one: Case, world: World): Promise<void> {
  try {
    await world.begin();
    one.given?.(world);
    for (const [option, text] of Object.entries(one.service ?? {})) world.option(option, text);
    const changes = { ...one.input, ...one.inputOf?.(world) };
    for (const former of one.before ?? [])
      await world.run("apply", { ...changes, retry: 0, revision: "1", ...former });
    one.meanwhile?.(world);
    const formerFile = existsSync(world.file) ? readFileSync(world.file) : undefined;
    const formerMode = existsSync(world.file) ? statSync(world.file).mode : undefined;
    const hadState = existsSync(world.state);

    const input = encodeHostInput(world.update(changes));
    const child = world.spawn(one.mode ?? "apply", input, one.environment);
    const { code, stdout, stderr, report } = await world.finish(child);

    assert.ok(report, `no report; standard error: ${stderr}`);
    assert.equal(report.outcome, one.outcome, report.reason);
    assert.equal(code, one.code);
    if (one.says !== undefined) assert.ok(report.reason.includes(one.says), report.reason);
    if (one.nextSync !== undefined) assert.equal(report.nextSync, one.nextSync);
    const failed = one.code >= 20;
    assert.equal(stderr, failed ? `keyturn: ${report.reason} ${report.remedy}\n` : "");
    for (const text of [stdout, stderr, world.stateText("journal"), world.stateText("order")]) {
      for (const value of [FORMER, FRESH]) {
        assert.ok(!text.includes(value), "a secret value is in an output");
        assert.ok(!text.includes(Buffer.from(value).toString("base64").slice(0, 12)));
      }
    }
    assert.deepEqual(
      world.events(),
      one.events ?? (one.outcome === "updated" ? ["stop", "start"] : []),
    );
    assert.equal(world.readOption("value"), one.holds ?? holdsAfter[one.outcome]);
    assert.equal(world.stateText("staged"), one.staged ?? "", "the staged file");
    if (formerMode !== undefined)
      assert.equal(statSync(world.file).mode, formerMode, "the file's mode");
    const touched = one.outcome === "updated" || changes.content !== undefined;
    const later = one.law.includes("while it stops");
    if (!touched && !later && formerFile !== undefined) {
      assert.deepEqual(readFileSync(world.file), formerFile, "the file is not the former one");
    }
    if (one.mode === "check" || (one.outcome === "refused" && !hadState)) {
      assert.equal(
        existsSync(world.state),
        hadState,
        "a refusal or check has made the state folder",
      );
    }
  } finally {
    await world.end();
  }
}
