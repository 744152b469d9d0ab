// What a scheduled run came to, decided from the engine's words and the stack's outputs.
import assert from "node:assert/strict";
import type { RunOutputs } from "../../../cli/run/outputs";
import { type RunFacts, verdictOf } from "../../../cli/run/verdict";

const KEY_ID = "bd6eafa1-dd44-4490-8289-a618b3000138";
const adopted = { name: "sesar", outcome: "updated", adopted: true };
const history = { active: { label: "2026-11", keyId: KEY_ID, endDate: "2027-11-01T00:00:00Z" } };
const outputs: RunOutputs = {
  reason: "sesar: 41 days until rotation",
  nextRotation: "2027-05-01",
  daysLeft: 41,
  consumers: [adopted],
  history,
};
const facts = (changes: Partial<RunFacts>): RunFacts => ({
  stack: "production",
  near: "P30D",
  changes: { same: 30 },
  outputs,
  ...changes,
});
const printed = (text: string, stage: "preview" | "up" | "open" = "up"): RunFacts =>
  facts({ failure: { stage, printed: text } });

describe("the verdict on a run", () => {
  it("is green and says why when nothing was to do", () => {
    const verdict = verdictOf(facts({}));
    assert.equal(verdict.kind, "nothingToDo");
    assert.equal(verdict.level, "green");
    assert.equal(verdict.headline, "sesar: 41 days until rotation");
  });

  it("takes reading for no change", () => {
    assert.equal(verdictOf(facts({ changes: { same: 3, read: 1 } })).kind, "nothingToDo");
  });

  it("is green when something was done", () => {
    assert.equal(verdictOf(facts({ changes: { same: 3, create: 2 } })).kind, "changed");
  });

  it("is a warning while a person is waited for, with what to do", () => {
    const waiting = {
      name: "ci-sync",
      outcome: "waiting",
      adopted: false,
      instruction: ["Open the Config Utility."],
    };
    const verdict = verdictOf(facts({ outputs: { ...outputs, consumers: [adopted, waiting] } }));
    assert.equal(verdict.kind, "waiting");
    assert.equal(verdict.level, "warning");
    assert.equal(verdict.todo[0], "Open the Config Utility.");
    assert.match(verdict.todo[1] ?? "", /keyturn confirm ci-sync --stack production/);
  });

  const busy = { name: "sesar", outcome: "notNow", adopted: false, reason: "No safe moment." };
  for (const [day, daysLeft, level, kind] of [
    ["31 days", 41, "warning", "notNow"],
    // 2027-10-02 is 30 days before the end.
    ["30 days", -154, "red", "endDateNear"],
    ["no day", -184, "red", "endDateNear"],
  ] as const) {
    it(`makes "not now" ${level} when ${day} of the held secret are left`, () => {
      const verdict = verdictOf(facts({ outputs: { ...outputs, daysLeft, consumers: [busy] } }));
      assert.deepEqual([verdict.level, verdict.kind], [level, kind]);
    });
  }

  it("makes waiting on the day before the last 30 a warning still", () => {
    const verdict = verdictOf(
      facts({ outputs: { ...outputs, daysLeft: -153, consumers: [busy] } }),
    );
    assert.equal(verdict.level, "warning");
  });

  it("is a warning without an end date to measure by: the first secret has none before it", () => {
    const first = { ...outputs, history: {}, consumers: [busy] };
    assert.equal(verdictOf(facts({ outputs: first })).level, "warning");
  });

  for (const [kind, text, words] of [
    [
      "locked",
      "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n  file:///x.json: created by ops@build (pid 7) at 2026-11-21T05:17:00Z",
      /created by ops@build/,
    ],
    ["locked", "error: [409] Conflict: Another update is currently in progress.", /409/],
    [
      "policy",
      "Policies:\n    ❌ keyturn-policy@v0.1.0 (local)\n        - [mandatory]  passwordHasEndDate  (azuread:…)",
      /passwordHasEndDate/,
    ],
    [
      "refused",
      "keyturn: No room on the disk. Make some.\n error: Process exited with status 20",
      /No room/,
    ],
    [
      "restored",
      "keyturn: The former file is back.\n error: Process exited with status 21",
      /former/,
    ],
    [
      "needsHands",
      "keyturn: Start the service.\n error: Process exited with status 22",
      /Start the/,
    ],
    ["overdue", "error: ci-sync still holds 2026-11. Run keyturn confirm ci-sync.", /still holds/],
    ["signIn", "error: sesar 2027-05 does not sign in: AADSTS7000215.", /AADSTS7000215/],
    ["protected", 'error: resource "x" cannot be deleted\nbecause it is protected', /cannot be/],
    ["failed", "error: the disk is on fire", /on fire/],
  ] as const) {
    it(`is red and names ${kind}, with the engine's own sentence and what to do`, () => {
      const verdict = verdictOf(printed(text));
      assert.equal(verdict.level, "red");
      assert.equal(verdict.kind, kind);
      assert.match(verdict.details.join("\n"), words);
      assert(verdict.todo.length > 0);
    });
  }

  it("asks for a log-in when the stack cannot be opened", () => {
    assert.match(verdictOf(printed("no stack named x", "open")).todo[0] ?? "", /pulumi login/);
  });

  it("says a sentence once, however often the engine printed it", () => {
    const { details } = verdictOf(printed("error: once\n  error: once\nerror: once"));
    assert.deepEqual(details, ["once"]);
  });
});
