// Machines that were asked in vain for longer than the overlap: said, with who still holds what, and asked again.
import assert from "node:assert/strict";
import { lateMachines } from "../../../src/decide/overdue";
import { plan } from "../../../src/decide/plan";
import type { ConsumerResult } from "../../../src/decide/outcome";
import { recordRun } from "../../../src/decide/record";
import { firstAdopted, keyId, config, waiting } from "./fixtures";

const machine = (name: string, outcome = "notNow"): ConsumerResult => ({
  name,
  kind: "automatic",
  outcome,
  adopted: outcome === "updated",
  keyId: keyId(2),
});
const people: ConsumerResult = {
  name: "support",
  kind: "handover",
  outcome: "waiting",
  adopted: false,
  keyId: keyId(2),
};
const keys = { "2026-05": keyId(1), "2026-11": keyId(2) };

describe("lateMachines", () => {
  const on = (day: string, consumers: readonly ConsumerResult[], key = keyId(2)) =>
    lateMachines(plan(day, config, waiting), key, consumers);

  it("says who still holds what, since when, until when, and what to do", () => {
    assert.equal(
      on("2026-11-16", [machine("north")]),
      "sesar: north must come to hold the secret of 2026-11 before 2026-11-16, but has not, asked since 2026-11-01. " +
        `It still holds 2026-05 (key id ${keyId(1)}), which is valid until 2027-05-01. Nothing was removed, and every run ` +
        "asks again. Look why no moment is safe in the consumer's reason (pulumi stack output consumers) and the service's " +
        "trace, or raise patienceSeconds.",
    );
  });

  it("names all who are late, and those only", () => {
    const all = [machine("north"), machine("south"), machine("east", "updated"), people];
    assert.match(on("2026-11-16", all) ?? "", /north and south must .* have not.* They still hold/);
    assert.equal(on("2026-11-16", [machine("east", "updated"), people]), undefined);
  });

  it("is silent in the run that issues, and as long as the overlap lasts", () => {
    const first = plan("2026-12-24", config, firstAdopted);
    assert.equal(lateMachines(first, keyId(2), [machine("north")]), undefined);
    assert.equal(on("2026-11-15", [machine("north")]), undefined);
  });

  it("begins anew when the secret was removed in the portal and issued again", () => {
    assert.equal(on("2026-11-16", [machine("north")], keyId(9)), undefined);
  });

  it("is a note of a run that is recorded, so that the next one asks again", () => {
    const planned = plan("2026-11-16", config, waiting);
    const { notes, history } = recordRun(planned, keys, [machine("north")]);
    assert.match(notes.join(), /^sesar: north must come to hold/);
    assert.equal(plan("2026-11-17", config, history).attempt, "3");
    assert.deepEqual(recordRun(planned, keys, [machine("north", "updated")]).notes, []);
  });
});
