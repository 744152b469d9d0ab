// The report of a stack: what it says of outputs on a day.
import assert from "node:assert/strict";
import { stackReport } from "../../stack-report/model";
import { type ReportFacts } from "../../stack-report/report";
import { renderStackReport } from "../../stack-report/text";
import type { FormerSecretUse } from "../../project/outputs";
import { CI_SYNC, IN_FLIGHT, KEY_IDS, SESAR, SETTLED, outputsOf } from "../fixtures";

const FOREIGN = {
  displayName: "made by hand\u001b[2J",
  keyId: KEY_IDS.third,
  startDate: "2025-11-21T08:00:00Z",
  endDate: "2027-11-21T08:00:00Z",
  removeWith: `az ad app credential delete --id 5 --key-id ${KEY_IDS.third}`,
};

const ORPHAN = { ...FOREIGN, standing: "unheld" as const, because: "nobody used it" };

function facts(changes: Partial<ReportFacts> = {}): ReportFacts {
  return {
    stack: "dev",
    outputs: outputsOf(SETTLED),
    config: { name: "sesar", overlap: "P14D", generation: "0" },
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

  it("releases a former secret without an overlap while the glass is broken", () => {
    const config = { name: "sesar", overlap: "P14D", brokenGlass: "1" };
    assert.match(text({ config }), /2026-05 .*retiring .*released from 2026-11-01/);
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
    const outputs = outputsOf(SETTLED, { foreignSecrets: [FOREIGN], orphans: [ORPHAN] });
    const shown = text({ outputs });
    assert.equal(shown.split("354 days old, ends 2027-11-21T08:00:00Z").length, 3);
    assert.equal(shown.split(FOREIGN.removeWith).length, 3);
    assert.match(shown, /Orphans bear a name of this credential/);
  });

  it("gives no removal command of a secret that a service may hold, and says why", () => {
    const { removeWith, ...held } = { ...ORPHAN, standing: "held" as const, because: "used today" };
    const shown = text({ outputs: outputsOf(SETTLED, { orphans: [held] }) });
    assert(!shown.includes(removeWith));
    assert.match(shown, /in use, do not remove it: used today/);
    assert.match(shown, /Remove none before you know/);
    assert.doesNotMatch(shown, /nobody holds/);
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
      { config: { name: "sesar", overlap: "P14D", generation: "1" } },
      /raised to 1: the next run rotates/,
    ],
    ["there is no overlap", { config: { name: "sesar", overlap: "PT0S" } }, /overlap is PT0S/],
    [
      "the glass is broken",
      { config: { name: "sesar", overlap: "P14D", brokenGlass: "2" } },
      /broken since generation 2.*put the overlap \(P14D\) back with `keyturn rotate-now --end-/,
    ],
  ] as const) {
    it(`asks for attention when ${title}`, () => assert.match(text(changes), words));
  }

  it("asks for no attention when all is well, a day before the overlap of a hand-over is over", () => {
    assert.deepEqual(stackReport(facts()).warnings, []);
    const now = new Date("2026-11-15T08:00:00Z");
    assert.deepEqual(stackReport(facts({ outputs: outputsOf(IN_FLIGHT), now })).warnings, []);
  });

  const uses: [what: string, use: Omit<FormerSecretUse, "keyId">, said: RegExp][] = [
    [
      "its silence",
      { provenByLog: true, unusedSince: "2026-11-02" },
      /from 2026-11-16; unused since 2026-11-02$/m,
    ],
    [
      "its latest use",
      {
        provenByLog: true,
        unusedSince: "2026-11-05T10:00:00Z",
        lastUse: {
          at: "2026-11-05T10:00:00Z",
          address: "203.0.113.7",
          resource: "Microsoft Graph",
        },
      },
      /; last used at 2026-11-05T10:00:00Z from 203\.0\.113\.7 for Microsoft Graph$/m,
    ],
    [
      "that the log cannot say",
      { provenByLog: false, why: "Graph answers 403" },
      /; not proven by log \(Graph answers 403\)$/m,
    ],
  ];
  for (const [what, use, said] of uses) {
    it(`says of a former secret ${what}`, () => {
      const formerSecrets = [{ keyId: KEY_IDS.first, ...use }];
      assert.match(text({ outputs: outputsOf(SETTLED, { formerSecrets }) }), said);
    });
  }

  const seen = { at: "2026-11-02T09:15:02Z", address: "203.0.113.7", requestId: "r1" };
  const proofs: [what: string, consumer: typeof SESAR, proof: RegExp | undefined][] = [
    [
      "the sign-in that the log has shown",
      { ...SESAR, level: "log", seen },
      /proven by log: signed in at 2026-11-02T09:15:02Z from 203\.0\.113\.7, request id r1/,
    ],
    [
      "why the log has not shown one",
      { ...SESAR, level: "host", notSeen: "no address" },
      /by its host, not by log: no address/,
    ],
    ["the host's word where an earlier release gave no level", SESAR, /by its host, not by log$/m],
    [
      "people's word",
      { ...CI_SYNC, adopted: true, level: "people" },
      /confirmed by people, not proven by log/,
    ],
    ["nothing of one that waits", CI_SYNC, undefined],
  ];
  for (const [what, consumer, proof] of proofs) {
    it(`says by what an adoption is proven: ${what}`, () => {
      const said = text({ outputs: outputsOf(SETTLED, { consumers: [consumer] }) });
      if (proof === undefined) assert.doesNotMatch(said, /proven by|not by log/);
      else assert.match(said, proof);
    });
  }
});
