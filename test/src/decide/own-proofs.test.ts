// What of our proofs' spans a run reads and records, as tables.
import assert from "node:assert/strict";
import { keptProofs, recordedProofs } from "../../../src/decide/own-proofs";
import type { ProofSpan } from "../../../src/decide/sign-ins";
import { keyId } from "./fixtures";

const span = (key: number, day: string): ProofSpan => ({
  keyId: keyId(key),
  from: `${day}T08:00:00.000Z`,
  until: `${day}T08:01:00.000Z`,
});
const first = span(1, "2026-05-01");
const second = span(2, "2026-11-01");

describe("recordedProofs", () => {
  it("reads what a run has recorded, and leaves out what it cannot read", () => {
    assert.deepEqual(recordedProofs([first, { ...second, from: "yesterday" }, 7]), [first]);
    assert.deepEqual([recordedProofs(undefined), recordedProofs("x")], [[], []]);
  });
});

describe("keptProofs", () => {
  const again = span(2, "2026-11-09");
  const rows: [
    what: string,
    before: ProofSpan[],
    latest: ProofSpan | undefined,
    kept: ProofSpan[],
  ][] = [
    ["the first", [], first, [first]],
    ["a further secret's beside it", [first], second, [first, second]],
    ["one that is known once only", [first, second], second, [first, second]],
    ["a second proof of the same secret beside the first", [second], again, [second, again]],
    ["what is known where the proof says nothing", [first], undefined, [first]],
    ["no span of a secret that is gone", [span(3, "2025-05-01"), first], second, [first, second]],
  ];
  for (const [what, before, latest, kept] of rows) {
    it(`keeps ${what}`, () => {
      assert.deepEqual(keptProofs(before, latest, [keyId(1), keyId(2)]), kept);
    });
  }

  it("keeps the first of many, and the latest nine", () => {
    const many = Array.from({ length: 14 }, (_, at) => span(1, `2026-05-${10 + at}`));
    const kept = keptProofs(many.slice(0, -1), many.at(-1), [keyId(1)]);
    assert.deepEqual(kept, [many[0], ...many.slice(-9)]);
  });
});
