// Consumers that people serve, as tables: by whose word they are adopted, what they are told, and when it is overdue.
import assert from "node:assert/strict";
import type { ManualFacts, ManualOutcome } from "../../../src/decide/outcome";
import { manualOutcome } from "../../../src/decide/manual";
import { lastOutcomes } from "../../../src/decide/outcome";
import { overdueSentence } from "../../../src/decide/overdue";
import { plan } from "../../../src/decide/plan";
import { recordRun } from "../../../src/decide/record";
import type { ManualConsumer } from "../../../src/keyturn-config";
import { ciSync } from "../../../src/presets/ci-sync";
import { empowerCloud } from "../../../src/presets/empower-cloud";
import { firstAdopted, keyId, config } from "./fixtures";

const consumer: ManualConsumer = {
  name: "ci-sync",
  kind: "assisted",
  handOver: ciSync.handOver,
  retry: 0,
};
const cloud: ManualConsumer = {
  ...consumer,
  name: "cloud",
  kind: "handover",
  handOver: empowerCloud.handOver,
};
const EXPIRES = "2026-11-08T00:00:00Z";
const facts = (over: Partial<ManualFacts> = {}): ManualFacts => ({
  consumer,
  epoch: "2026-11",
  keyId: keyId(2),
  vaultName: "kv",
  secretName: "sesar-client-secret",
  activeKeyId: undefined,
  confirmation: undefined,
  evidence: undefined,
  last: undefined,
  link: undefined,
  asked: undefined,
  ...over,
});
const link = { linkId: "snappass00", expires: EXPIRES };
const last = {
  name: "ci-sync",
  kind: "assisted",
  outcome: "waiting",
  keyId: keyId(2),
  linkExpires: EXPIRES,
} as const;

describe("manualOutcome", () => {
  const on = "2026-11-20";
  const seen = { at: `${on}T09:15:02Z`, address: "203.0.113.7", requestId: "r" };
  const rows: [
    what: string,
    over: Partial<ManualFacts>,
    outcome: string,
    on: string | undefined,
  ][] = [
    ["waits when nobody said anything", {}, "waiting", undefined],
    [
      "is confirmed by the target's key id",
      { confirmation: { keyId: keyId(2), on } },
      "confirmed",
      on,
    ],
    [
      "is confirmed whatever the case of the key id",
      {
        keyId: "ABCDEF00-0000-4000-8000-000000000001",
        confirmation: { keyId: "abcdef00-0000-4000-8000-000000000001", on },
      },
      "confirmed",
      on,
    ],
    [
      "waits when another key id was confirmed",
      { confirmation: { keyId: keyId(1), on } },
      "waiting",
      undefined,
    ],
    [
      "is seen when the sign-in log names the key id",
      { evidence: { keyId: keyId(2), on, seen } },
      "seen",
      on,
    ],
    [
      "waits when the sign-in log names another key id",
      { evidence: { keyId: keyId(1), on, seen } },
      "waiting",
      undefined,
    ],
    [
      "stays seen when the log has forgotten",
      { last: { ...last, outcome: "seen", on } },
      "seen",
      on,
    ],
    [
      "is not seen by what was said of another secret",
      { last: { ...last, outcome: "seen", on, keyId: keyId(1) } },
      "waiting",
      undefined,
    ],
    [
      "does not stay confirmed when the confirmation is taken back",
      { last: { ...last, outcome: "confirmed", on } },
      "waiting",
      undefined,
    ],
  ];
  for (const [what, over, outcome, day] of rows) {
    it(what, () => {
      const said = manualOutcome(facts(over));
      assert.deepEqual(
        [said.outcome, said.adopted, said.on],
        [outcome, outcome !== "waiting", day],
      );
      assert.equal(said.instruction.length > 0, outcome === "waiting");
    });
  }

  it("keeps the sign-in by which it was seen, for as long as it stays seen", () => {
    const first = manualOutcome(facts({ evidence: { keyId: keyId(2), on, seen } }));
    const [recorded] = lastOutcomes([first]);
    assert.deepEqual(manualOutcome(facts({ last: recorded })).seen, seen);
  });

  it("names the vault secret to read where there is no server for links", () => {
    const { instruction, link: state } = manualOutcome(facts());
    assert.equal(
      instruction[0],
      "Read the new value: az keyvault secret show --vault-name kv --name sesar-client-secret --query value -o tsv",
    );
    assert.deepEqual(instruction.slice(1, -1), ciSync.handOver.steps);
    assert.equal(
      instruction.at(-1),
      `Once it signs in with the new secret, say so: keyturn confirm ci-sync (key id ${keyId(2)}).`,
    );
    assert.equal(state, undefined);
  });

  it("never lets the value itself be sent to a vendor", () => {
    const { instruction } = manualOutcome(facts({ consumer: cloud }));
    assert.equal(
      instruction[1],
      "Put it into a one-time link for empower Support; never send the value itself.",
    );
  });

  it("says of a link whether it was read, and never the link", () => {
    const made = manualOutcome(facts({ link, asked: "read or expired" }));
    assert.deepEqual([made.link, made.fresh, made.linkId], ["unread", true, "snappass00"]);
    const unread = manualOutcome(facts({ link, last, asked: "unread" }));
    assert.deepEqual([unread.link, unread.fresh], ["unread", undefined]);
    assert.match(
      unread.instruction[0] ?? "",
      /^Get the one-time link for .*: keyturn link ci-sync\. It opens once, until 2026-11-08T00:00:00Z\.$/,
    );
    const read = manualOutcome(facts({ link, last, asked: "read or expired" }));
    assert.match(
      read.instruction[0] ?? "",
      /was read or has expired\. .* keyturn link ci-sync --again$/,
    );
    assert.equal(manualOutcome(facts({ link, last })).link, "not known");
  });

  it("says that a confirmation of another secret does not count", () => {
    const { instruction } = manualOutcome(facts({ confirmation: { keyId: keyId(1), on } }));
    assert.equal(
      instruction[0],
      `The confirmation of 2026-11-20 is for key id ${keyId(1)}, not for 2026-11: it does not count here.`,
    );
    const usual = { confirmation: { keyId: keyId(1), on }, activeKeyId: keyId(1) };
    assert.match(manualOutcome(facts(usual)).instruction[0] ?? "", /^Read the new value/);
  });
});

describe("lastOutcomes", () => {
  it("picks the consumers of people out of the outputs, and takes what it cannot read for never said", () => {
    const said = manualOutcome(facts({ link }));
    const machine = { name: "archive", kind: "automatic", outcome: "updated" };
    assert.deepEqual(
      lastOutcomes([said, machine, { name: "x" }, 7]).map(({ name, linkId }) => [name, linkId]),
      [["ci-sync", "snappass00"]],
    );
    for (const value of [undefined, null, "an unknown value", {}])
      assert.deepEqual(lastOutcomes(value), []);
  });
});

const machine = (outcome: string) => ({
  name: "archive",
  kind: "automatic" as const,
  outcome,
  adopted: outcome === "updated",
  keyId: keyId(2),
});
const keys = { "2026-05": keyId(1), "2026-11": keyId(2) };
const begun = plan("2026-11-01", config, firstAdopted);
const waiting = manualOutcome(facts());
const confirmed = manualOutcome(facts({ confirmation: { keyId: keyId(2), on: "2026-11-20" } }));

describe("recordRun with people", () => {
  it("waits for people without another attempt, so that a run that only waits changes nothing", () => {
    const { history, reason } = recordRun(begun, keys, [machine("updated"), waiting]);
    assert.deepEqual([history.inFlight?.again, history.inFlight?.attempt], [false, "1"]);
    assert.equal(
      reason,
      "sesar: 2026-11 is issued and waiting for ci-sync since 2026-11-01; 2026-05 stays valid until 2027-05-01",
    );
    const next = plan("2026-11-05", config, history);
    assert.deepEqual(
      [next.attempt, next.waiting],
      ["1", { since: "2026-11-01", until: "2026-11-16" }],
    );
    assert.match(next.reason, /2026-11, waiting for people since 2026-11-01, next rotation/);
    const same = recordRun(next, keys, [machine("updated"), waiting]);
    assert.deepEqual([same.history, same.reason], [history, reason]);
  });

  it("asks again as long as one machine must be asked, and then no more", () => {
    const both = recordRun(begun, keys, [machine("notNow"), waiting]);
    assert.equal(both.history.inFlight?.again, undefined);
    assert.match(
      both.reason,
      /is issued and waits for archive \(not now\), attempt 1; waiting for ci-sync since 2026-11-01;/,
    );
    const next = plan("2026-11-02", config, both.history);
    assert.equal(next.attempt, "2");
    const people = recordRun(next, keys, [machine("updated"), waiting]);
    assert.deepEqual(
      [people.history.inFlight?.again, people.history.inFlight?.attempt],
      [false, "2"],
    );
    assert.equal(plan("2026-11-03", config, people.history).attempt, "2");
  });

  it("lets the last of several consumers decide, whoever serves it", () => {
    for (const last of [
      [machine("notNow"), confirmed],
      [machine("updated"), waiting],
    ]) {
      assert.equal(recordRun(begun, keys, last).settled, false);
    }
    const done = recordRun(begun, keys, [machine("updated"), confirmed]);
    assert.deepEqual([done.settled, done.history.active?.label], [true, "2026-11"]);
  });

  it("counts the overlap from the run that saw the confirmation, not from the day in it", () => {
    const { history } = recordRun(
      plan("2026-12-20", config, recordRun(begun, keys, [waiting]).history),
      keys,
      [confirmed],
    );
    assert.equal(history.retiring[0]?.successorAdoptedOn, "2026-12-20");
  });
});

describe("overdueSentence", () => {
  const { history } = recordRun(begun, keys, [waiting]);
  const on = (
    day: string,
    outcomes: readonly ManualOutcome[] = [waiting],
    over = {},
  ): string | undefined =>
    overdueSentence(plan(day, { ...config, ...over }, history), keys, outcomes);

  it("is silent in the run that issues, and as long as the overlap lasts", () => {
    assert.equal(
      overdueSentence(plan("2026-12-24", config, firstAdopted), keys, [waiting]),
      undefined,
    );
    assert.equal(on("2026-11-15"), undefined);
  });

  it("says who still holds what, since when, until when, and what to do", () => {
    assert.equal(
      on("2026-11-16"),
      "sesar: ci-sync must confirm the secret of 2026-11 before 2026-11-16, but has not: waiting for ci-sync since 2026-11-01. " +
        `It still holds 2026-05 (key id ${keyId(1)}), which is valid until 2027-05-01. Nothing was removed. ` +
        "Follow the instruction (pulumi stack output consumers), then say so: keyturn confirm ci-sync. Another one-time link: keyturn link ci-sync --again.",
    );
  });

  it("names all who are late, and those only", () => {
    const support = manualOutcome(facts({ consumer: cloud }));
    assert.match(
      on("2026-11-16", [waiting, support]) ?? "",
      /ci-sync and cloud must .* They still hold .*keyturn confirm ci-sync, keyturn confirm cloud\./,
    );
    assert.match(on("2026-11-16", [confirmed, support]) ?? "", /^sesar: cloud must/);
    assert.equal(on("2026-11-16", [confirmed]), undefined);
  });

  it("lets the run pass that made another link, since a failed run cannot hand it out", () => {
    assert.equal(on("2026-11-16", [manualOutcome(facts({ link }))]), undefined);
    assert.match(on("2026-11-16", [manualOutcome(facts({ link, last }))]) ?? "", /must confirm/);
  });

  it("begins anew when the secret was removed in the portal and issued again", () => {
    const planned = plan("2026-12-24", config, history);
    assert.equal(overdueSentence(planned, { ...keys, "2026-11": keyId(9) }, [waiting]), undefined);
  });

  it("is due at the next run when the glass is broken", () => {
    assert.match(
      on("2026-11-01", [waiting], { overlap: "PT0S" }) ?? "",
      /before 2026-11-01, but has not/,
    );
  });

  it("says that the former secret has ended, when it has", () => {
    const long = { ...config, every: "P12M", lifetime: "P24M", anchor: "2026-11-01" };
    assert.match(
      overdueSentence(plan("2027-05-01", long, history), keys, [waiting]) ?? "",
      /which ended on 2027-05-01\./,
    );
  });
});
