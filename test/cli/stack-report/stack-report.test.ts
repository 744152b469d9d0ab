// The report of a stack: what it says of outputs on a day.
import assert from "node:assert/strict";
import { type ReportFacts, stackReport } from "../../../cli/stack-report/model";
import { renderStackReport } from "../../../cli/stack-report/text";
import { IN_FLIGHT, KEY_IDS, SETTLED, outputsOf } from "../fixtures";

const FOREIGN = {
  displayName: "made by hand\u001b[2J",
  keyId: KEY_IDS.third,
  startDate: "2025-11-21T08:00:00Z",
  endDate: "2027-11-21T08:00:00Z",
  removeWith: `az ad app credential delete --id 5 --key-id ${KEY_IDS.third}`,
};

function facts(changes: Partial<ReportFacts> = {}): ReportFacts {
  return {
    stack: "dev",
    outputs: outputsOf(SETTLED),
    settings: { name: "sesar", overlap: "P14D", generation: "0" },
    now: new Date("2026-11-10T23:00:00Z"),
    lastRun: { kind: "update", at: "2026-11-10T01:00:00Z", result: "succeeded" },
    ...changes,
  };
}

const text = (changes: Partial<ReportFacts> = {}): string =>
  renderStackReport(stackReport(facts(changes)));

describe("stackReport", () => {
  it("says of each secret the key id, its standing, its end and until when it retires", () => {
    assert.match(
      text(),
      /2026-11 +22222222-\S+ +active +2027-11-01 \(in 356 days\) +adopted 2026-11-01/,
    );
    assert.match(
      text(),
      /2026-05 +11111111-\S+ +retiring +2027-05-01 \(in 172 days\) .*released from 2026-11-16/,
    );
  });

  it("counts the days to the next rotation from its own day, not from the last run", () => {
    assert.match(text(), /Next rotation: 2027-05-01 \(in 172 days\)/);
  });

  it("says who waits since when, and what is to be done, step by step", () => {
    const waiting = text({ outputs: outputsOf(IN_FLIGHT) });
    assert.match(waiting, /ci-sync \(assisted\): waiting, waiting since 2026-11-01/);
    assert.match(
      waiting,
      / 1\. Read the new value\.\n +2\. Put it in\.\n +3\. Say that it is done\./,
    );
    assert.doesNotMatch(waiting, /sesar \(automatic\).*waiting since/);
  });

  it("gives age, end and removal command of secrets that others made, and of orphans", () => {
    const outputs = outputsOf(SETTLED, { foreignSecrets: [FOREIGN], orphans: [FOREIGN] });
    const shown = text({ outputs });
    assert.equal(shown.split("354 days old, ends 2027-11-21T08:00:00Z").length, 3);
    assert.equal(shown.split(FOREIGN.removeWith).length, 3);
    assert.match(shown, /Orphans bear a name of this credential/);
  });

  it("prints no control character that a name of others may hold", () => {
    const shown = text({ outputs: outputsOf(SETTLED, { foreignSecrets: [FOREIGN] }) });
    assert(!shown.includes("\u001b"));
  });

  it("names the outputs that an older program did not record, and lives without them", () => {
    const { foreignSecrets, orphans, notes, ...older } = outputsOf(SETTLED);
    assert(foreignSecrets && orphans && notes);
    assert.match(
      text({ outputs: older }),
      /Not recorded:\n {2}foreignSecrets\n {2}orphans\n {2}notes\n/,
    );
    assert.doesNotMatch(text(), /Not recorded/);
  });

  it("says of a stack without outputs that nothing is issued", () => {
    const outputs = { history: undefined };
    assert.match(text({ outputs, lastRun: undefined }), /No run has succeeded yet/);
  });

  for (const [title, changes, words] of [
    [
      "the last run failed",
      { lastRun: { kind: "update", at: "now", result: "failed" } },
      /last update \(now\) ended failed/,
    ],
    [
      "a rotation is due and no run came",
      { now: new Date("2027-05-02T08:00:00Z") },
      /was due on 2027-05-01, and no run/,
    ],
    [
      "a consumer waits beyond the overlap",
      { outputs: outputsOf(IN_FLIGHT), now: new Date("2026-11-16T08:00:00Z") },
      /ci-sync must hold 2026-11 since 2026-11-16/,
    ],
    [
      "the secret in use ends soon",
      { now: new Date("2027-10-10T08:00:00Z") },
      /2026-11, which the consumers hold, ends on 2027-11-01/,
    ],
    [
      "the secret in use has ended",
      { now: new Date("2027-11-02T08:00:00Z") },
      /2026-11, which the consumers hold, ended on 2027-11-01/,
    ],
    [
      "the generation was raised",
      { settings: { name: "sesar", overlap: "P14D", generation: "1" } },
      /raised to 1: the next run rotates/,
    ],
    ["the glass is broken", { settings: { name: "sesar", overlap: "PT0S" } }, /overlap is PT0S/],
  ] as const) {
    it(`asks for attention when ${title}`, () => assert.match(text(changes), words));
  }

  it("asks for no attention when all is well, a day before the overlap of a hand-over is over", () => {
    assert.deepEqual(stackReport(facts()).warnings, []);
    const now = new Date("2026-11-15T08:00:00Z");
    assert.deepEqual(stackReport(facts({ outputs: outputsOf(IN_FLIGHT), now })).warnings, []);
  });
});
