// When a secret that was handed over may go: every host is asked on that day, and every configured consumer is recorded.
import assert from "node:assert/strict";
import { parseHistory } from "../../../src/decide/history";
import type { ConsumerResult } from "../../../src/decide/outcome";
import { plan } from "../../../src/decide/plan";
import { recordRun } from "../../../src/decide/record";
import { removalProblem, unprovenConsumers } from "../../../src/decide/release";
import { config, firstAdopted, holding, keyId, released, rotated, shortLived } from "./fixtures";

const keys = { "2026-05": keyId(1), "2026-11": keyId(2) };
const host = (name: string, outcome: string, held?: number): ConsumerResult => ({
  name,
  kind: "automatic",
  outcome,
  adopted: outcome !== "notNow",
  keyId: keyId(2),
  ...(held === undefined ? {} : { heldKeyId: keyId(held) }),
});
const people: ConsumerResult = { ...host("support", "confirmed"), kind: "handover" };
const roles = (p: ReturnType<typeof plan>): string[] =>
  p.passwords.map(({ label, role, protect }) => `${label} ${role}${protect ? " protected" : ""}`);

describe("a run that would release", () => {
  it("asks every host again, by an attempt that names the day", () => {
    assert.equal(plan("2026-11-17", config, rotated).attempt, "1");
    assert.equal(plan("2026-11-18", config, rotated).attempt, "2+asked-2026-11-18");
  });

  it("asks again on the next day after it failed, and not twice on one", () => {
    const [first, next] = ["2026-11-18T06:00:00Z", "2026-11-18T21:00:00Z"];
    assert.equal(plan(first, config, rotated).attempt, plan(next, config, rotated).attempt);
    assert.equal(plan("2026-11-19", config, rotated).attempt, "2+asked-2026-11-19");
  });

  it("releases what every host was found on, and is not asked again by a run that does neither", () => {
    const p = plan("2026-11-18", config, rotated);
    const { history } = recordRun(p, keys, [host("north", "alreadyAdopted")]);
    assert.deepEqual(history, released);
    const removed = { ...history, released: [] };
    assert.equal(plan("2026-12-01", config, removed).attempt, "2+asked-2026-11-18");
    assert.deepEqual(parseHistory("sesar", history), history);
  });

  it("releases nothing when a host that was put back says not now, and protects the secret again", () => {
    const p = plan("2026-11-18", config, rotated);
    const record = recordRun(p, keys, [
      host("north", "notNow", 1),
      host("south", "alreadyAdopted"),
    ]);
    assert.deepEqual(record.history.released, []);
    assert.match(record.reason, /waits for north \(not now\), attempt 2; 2026-05 is not released$/);
    const next = plan("2026-11-19", config, record.history);
    assert.deepEqual(roles(next), ["2026-05 retiring protected", "2026-11 target protected"]);
    assert.equal(next.attempt, "3");
  });

  it("waits with it while a hand-over does", () => {
    const { active } = rotated;
    assert.ok(active);
    const { adoptedOn, ...epoch } = active;
    const third = { ...epoch, label: "2027-05", start: "2027-05-01", keyId: keyId(3) };
    const inFlight = { ...third, since: adoptedOn, again: false };
    const p = plan("2027-05-02", config, { ...rotated, inFlight });
    assert.deepEqual([p.releasing, p.attempt], [[], "1"]);
  });

  it("says of people that their word stands, since nobody can ask them", () => {
    const p = plan("2026-11-18", config, rotated);
    const { notes } = recordRun(p, keys, [host("north", "alreadyAdopted"), people]);
    assert.match(
      notes.join(),
      /2026-05 is released, .* of support what was confirmed or seen of 2026-11 stands/,
    );
    assert.deepEqual(recordRun(p, keys, [host("north", "alreadyAdopted")]).notes, []);
  });
});

describe("a run that would remove", () => {
  const unproven = (names: readonly string[], last: unknown, confirmations = {}): string[] =>
    unprovenConsumers(
      { consumers: names.map((name) => ({ name })), confirmations },
      released,
      last,
    );

  it("asks every host again", () => {
    const p = plan("2026-11-19", config, released, undefined, []);
    assert.deepEqual([p.released, p.attempt], [["2026-05"], "3+asked-2026-11-19"]);
    const gone = [{ label: "2026-11", endDate: "2027-11-01T00:00:00Z", keyId: keyId(2) }];
    const after = plan("2026-11-19", config, released, gone, []);
    assert.deepEqual([after.released, after.attempt], [[], "2+asked-2026-11-18"]);
  });

  it("keeps the released secret declared while a consumer that was added is not recorded on the active one", () => {
    const names = unproven(["north", "added"], holding(2, "north"));
    assert.deepEqual(names, ["added"]);
    const p = plan("2026-11-19", config, released, undefined, names);
    assert.deepEqual(roles(p), ["2026-05 releasing", "2026-11 target protected"]);
    assert.deepEqual([p.released, p.attempt], [[], "3+asked-2026-11-19"]);
  });

  it("has it retire again, protected, when that consumer says not now, until every consumer answers in one run", () => {
    const p = plan("2026-11-19", config, released, undefined, ["added"]);
    const late = recordRun(p, keys, [host("north", "alreadyAdopted"), host("added", "notNow", 1)]);
    assert.deepEqual(
      late.history.retiring.map(({ label, successorAdoptedOn }) => [label, successorAdoptedOn]),
      [["2026-05", "2026-11-03"]],
    );
    assert.deepEqual(parseHistory("sesar", late.history), late.history);
    const next = plan("2026-11-20", config, late.history);
    assert.deepEqual(roles(next), ["2026-05 retiring protected", "2026-11 target protected"]);
    const all = [host("north", "alreadyAdopted"), host("added", "updated")];
    const settled = recordRun(next, keys, all);
    assert.deepEqual(settled.history.released, []);
    const release = plan("2026-11-21", config, settled.history);
    assert.deepEqual(recordRun(release, keys, all).history.released, released.released);
  });

  it("takes a consumer for unproven that is renamed, whose word was taken back, or of whom nothing can be read", () => {
    const said = [{ ...people, keyId: keyId(2) }];
    const word = (n: number) => ({ support: { keyId: keyId(n), on: "2026-11-05" } });
    assert.deepEqual(unproven(["support"], said, word(2)), []);
    assert.deepEqual(unproven(["support"], said, word(1)), ["support"]);
    assert.deepEqual(unproven(["support"], said), ["support"]);
    assert.deepEqual(unproven(["support"], [{ ...people, outcome: "seen" }]), []);
    assert.deepEqual(unproven(["east"], holding(2, "north")), ["east"]);
    assert.deepEqual(unproven(["north"], holding(1, "north")), ["north"]);
    assert.deepEqual(unproven(["north"], "an unknown value"), ["north"]);
  });

  it("asks nobody for a consumer that is unproven when nothing is released", () => {
    const p = plan("2026-09-21", config, firstAdopted, undefined, ["north"]);
    assert.deepEqual([p.attempt, p.adopted, p.history], ["1", true, firstAdopted]);
  });

  it("fails when a host that was put back since the release finds no safe moment", () => {
    const p = plan("2026-11-19", config, released);
    assert.equal(
      removalProblem(p, keys, [host("north", "alreadyAdopted"), host("south", "notNow", 1)]),
      "sesar: every consumer must hold the secret of 2026-11 before 2026-05 is removed, but these do not: " +
        `south (notNow, holds key id ${keyId(1)}). Nothing was removed. A host that was put back from a snapshot is brought ` +
        "the secret again as soon as a moment is safe: the next day's run asks again, or raise the consumer's retry to ask at once.",
    );
    assert.match(removalProblem(p, keys, [host("south", "notNow")]) ?? "", /holds no known secret/);
    assert.equal(removalProblem(p, keys, [host("south", "updated"), people]), undefined);
    const unheard = { ...people, outcome: "waiting", adopted: false };
    assert.match(
      removalProblem(p, keys, [unheard]) ?? "",
      /support \(waiting, holds no known secret\)/,
    );
    assert.equal(
      removalProblem(plan("2026-11-18", config, rotated), keys, [host("south", "notNow", 1)]),
      undefined,
    );
  });

  it("goes on while the hosts that find no moment for the next secret hold the active one", () => {
    const p = plan("2027-05-01", config, released);
    const later = { ...keys, "2027-05": keyId(3) };
    const busy = (held: number): ConsumerResult => ({
      ...host("north", "notNow", held),
      keyId: keyId(3),
    });
    assert.deepEqual([p.target.label, p.released], ["2027-05", ["2026-05"]]);
    const asked = { ...people, outcome: "waiting", adopted: false, keyId: keyId(3) };
    assert.equal(removalProblem(p, later, [busy(2), asked]), undefined);
    assert.match(removalProblem(p, later, [busy(1)]) ?? "", /before 2026-05 is removed/);
  });
});

describe("a skipped secret", () => {
  const issued = [
    { label: "2026-05", endDate: "2027-05-01T00:00:00Z", keyId: keyId(1) },
    { label: "2026-11", endDate: "2027-11-01T00:00:00Z", keyId: keyId(2) },
  ];
  const ids = { ...keys, "2027-05": keyId(3) };
  const proven = { ...host("north", "updated"), keyId: keyId(3) };

  it("retires from the day on which its successor is adopted, since a killed run may have brought it somewhere", () => {
    const p = plan("2027-05-02", config, firstAdopted, issued);
    const { history, reason } = recordRun(p, ids, [proven]);
    assert.deepEqual(
      history.retiring.map(({ label, successorAdoptedOn }) => [label, successorAdoptedOn]),
      [
        ["2026-05", "2027-05-02"],
        ["2026-11", "2027-05-02"],
      ],
    );
    assert.deepEqual([history.skipped, history.released], [[], []]);
    assert.match(reason, /; the overlap of 2026-05 begins; the overlap of 2026-11 begins$/);
    assert.deepEqual(parseHistory("sesar", history), history);
    const next = plan("2027-05-03", config, history);
    assert.deepEqual(roles(next), [
      "2026-05 retiring protected",
      "2026-11 retiring protected",
      "2027-05 target protected",
    ]);
    assert.equal(next.attempt, "1+2026-11");
  });

  it("stays as it is while a consumer of its successor waits", () => {
    const p = plan("2027-05-02", config, firstAdopted, issued);
    const { history } = recordRun(p, ids, [{ ...proven, outcome: "notNow", adopted: false }]);
    assert.deepEqual(history.skipped, [issued[1]]);
    assert.deepEqual(history.retiring, []);
  });

  it("is declared once when the config that made it comes back and it is the target again", () => {
    const beside = { label: "2026-06-18", endDate: "2027-06-18T00:00:00Z", keyId: keyId(2) };
    const retiring = [{ ...beside, successorAdoptedOn: "2026-06-18" }];
    const p = plan("2026-06-19", config, { ...shortLived, retiring }, [
      { label: "2026-05", endDate: "2026-08-01T00:00:00Z", keyId: keyId(1) },
      beside,
    ]);
    assert.deepEqual(roles(p), ["2026-05 active protected", "2026-06-18 target"]);
    const { history } = recordRun(p, { ...keys, "2026-06-18": keyId(2) }, [
      host("north", "updated"),
    ]);
    assert.deepEqual(
      history.retiring.map(({ label }) => label),
      ["2026-05"],
    );
  });
});
