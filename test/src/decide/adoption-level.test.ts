// The level of a machine's adoption, as tables: what this run has seen, what an earlier one has, and what neither has.
import assert from "node:assert/strict";
import type { LevelFacts } from "../../../src/decide/adoption-level";
import { adoptionLevel, recordedSightings, withLevel } from "../../../src/decide/adoption-level";
import { keyId, updatedOn } from "./fixtures";

const outcome = updatedOn("sesar", "2026-11-01");
const seen = { at: "2026-11-02T09:15:02Z", address: "203.0.113.7", requestId: "r" };
const evidence = { keyId: keyId(2), on: "2026-11-02", seen };
const earlier = { ...evidence, on: "2026-11-01", name: "sesar" };

describe("withLevel", () => {
  const rows: [what: string, facts: LevelFacts, level: string, on: string | undefined][] = [
    ["is the host's while nothing was seen", {}, "host", undefined],
    ["is the log's once this run has seen it", { evidence }, "log", "2026-11-02"],
    ["stays the log's when the log has forgotten", { recorded: earlier }, "log", "2026-11-01"],
    ["keeps what was seen first", { recorded: earlier, evidence }, "log", "2026-11-01"],
    [
      "is not raised by another key id",
      { evidence: { ...evidence, keyId: keyId(1) } },
      "host",
      undefined,
    ],
    [
      "is raised by this run where what was recorded is about another secret",
      { recorded: { ...earlier, keyId: keyId(1) }, evidence },
      "log",
      "2026-11-02",
    ],
  ];
  for (const [what, facts, level, on] of rows) {
    it(what, () => {
      const said = withLevel(outcome, { ...facts, why: "not yet" });
      assert.deepEqual(
        [said.level, said.on, said.notSeen],
        [level, on, level === "host" ? "not yet" : undefined],
      );
    });
  }

  it("says in the run that hands it over that the log is asked later", () => {
    assert.match(String(withLevel(outcome, {}).notSeen), /from the next run on/);
  });

  it("gives no level to what is not adopted, whatever the log shows", () => {
    const { level, ...held } = outcome;
    assert.equal(level, "host");
    const waiting = { ...held, outcome: "notNow", adopted: false };
    assert.deepEqual(withLevel(waiting, { evidence, recorded: earlier }), waiting);
  });
});

describe("recordedSightings", () => {
  it("reads back what a run has written", () => {
    const written: unknown = JSON.parse(JSON.stringify([withLevel(outcome, { evidence })]));
    assert.deepEqual(recordedSightings(written), [{ ...evidence, name: "sesar" }]);
  });

  const unread: [what: string, value: unknown][] = [
    ["a stack without outputs", undefined],
    ["what the host alone has said", [outcome]],
    ["an earlier release's, which had no level", [{ ...outcome, level: undefined }]],
    [
      "people's, who are kept otherwise",
      [{ ...withLevel(outcome, { evidence }), kind: "assisted" }],
    ],
    ["another shape", [{ ...withLevel(outcome, { evidence }), seen: "yesterday" }, 7]],
  ];
  for (const [what, value] of unread) {
    it(`takes for the host's word ${what}`, () => assert.deepEqual(recordedSightings(value), []));
  }
});

describe("adoptionLevel", () => {
  const one = (
    level?: "host" | "log" | "people",
    kind: "automatic" | "assisted" = "automatic",
  ) => ({
    adopted: true,
    kind,
    ...(level && { level }),
  });
  const rows: [consumers: Parameters<typeof adoptionLevel>[0], level: string | undefined][] = [
    [[], undefined],
    [[one("log"), { ...one(), adopted: false }], undefined],
    [[one("log"), one("log", "assisted")], "log"],
    [[one("log"), one("host")], "host"],
    [[one("host"), one("people", "assisted")], "people"],
    [[one("log"), one()], "host"],
    [[one("log"), one(undefined, "assisted")], "people"],
  ];
  for (const [consumers, level] of rows) {
    const words = consumers.map(
      (c) => `${c.kind} ${c.adopted ? (c.level ?? "no level") : "waiting"}`,
    );
    it(`is ${level ?? "none"} of ${words.join(" and ") || "nobody"}`, () => {
      assert.equal(adoptionLevel(consumers), level);
    });
  }
});
