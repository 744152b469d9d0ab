// Rotate now and break glass: which generation is written, when it is refused, and when the overlap comes back.
import assert from "node:assert/strict";
import fc from "fast-check";
import { decideRotation, endBreakGlassProblem } from "../../decisions/rotation";
import { plan } from "../../../../src/decide/plan";
import type { History } from "../../../../src/decide/history";
import { FIRST, IN_FLIGHT, KEY_IDS, SETTLED, outputsOf } from "../fixtures";

const LATER: History = {
  ...SETTLED,
  retiring: [],
  skipped: [{ label: "2026-11-g4", endDate: FIRST.endDate, keyId: KEY_IDS.third }],
};

describe("decideRotation", () => {
  for (const [title, history, generation, options, expected] of [
    ["raises the generation by one", SETTLED, 0, {}, { generation: 1, givesUp: undefined }],
    [
      "goes above every generation that the history names, when the config went back",
      LATER,
      0,
      {},
      { generation: 5, givesUp: undefined },
    ],
    [
      "gives up the secret in flight when it is told to",
      IN_FLIGHT,
      0,
      { supersede: true },
      { generation: 1, givesUp: "2026-11" },
    ],
    [
      "gives up the secret in flight when the glass is broken",
      IN_FLIGHT,
      0,
      { breakGlass: true },
      { generation: 1, givesUp: "2026-11" },
    ],
  ] as const) {
    it(title, () => {
      const decision = decideRotation(outputsOf(history), generation, options);
      assert.deepEqual(decision, { raise: true, ...expected });
    });
  }

  it("raises nothing while no run has taken up the last raise", () => {
    const decision = decideRotation(outputsOf(SETTLED), 1, {});
    assert(!decision.raise);
    assert.match(decision.said, /raised to 1 already.*next run rotates/);
  });

  it("refuses while a rotation is in flight, and says what a run does", () => {
    assert.throws(
      () => decideRotation(outputsOf(IN_FLIGHT), 0, {}),
      /from 2026-05 to 2026-11 is in flight since 2026-11-01 .*every run goes on with it.*--supersede/,
    );
  });

  it("refuses a stack that has issued nothing", () => {
    assert.throws(() => decideRotation(outputsOf(undefined), 0, {}), /issued no secret yet/);
  });

  it("makes the next run issue a secret of its own, whatever was raised and lowered before", () => {
    const config = {
      name: "sesar",
      anchor: "2026-05-01",
      every: "P6M",
      overlap: "P14D",
      lifetime: "P12M",
    };
    fc.assert(
      fc.property(fc.nat(9), fc.nat(9), fc.nat(9), (generation, active, skipped) => {
        const suffix = (g: number): string => (g === 0 ? "" : `-g${g}`);
        const history: History = {
          ...SETTLED,
          active: {
            ...FIRST,
            ...SETTLED.active,
            adoptedOn: "2026-11-01",
            attempt: "1",
            label: `2026-11${suffix(active)}`,
            generation: active,
          },
          skipped: [
            { label: `2026-11${suffix(skipped)}`, endDate: FIRST.endDate, keyId: KEY_IDS.third },
          ],
        };
        const decision = decideRotation(outputsOf(history), generation, {});
        const next = decision.raise ? decision.generation : generation;
        const { target } = plan("2026-11-21", { ...config, generation: next }, history);
        assert.notEqual(target.label, history.active?.label);
        assert(!history.skipped.some((one) => one.label === target.label));
      }),
    );
  });
});

describe("endBreakGlassProblem", () => {
  for (const [title, history, generation, words] of [
    ["no run has rotated yet", SETTLED, 1, /has not begun/],
    ["a consumer does not hold the next secret", IN_FLIGHT, 0, /2026-11 is not adopted/],
    ["the former secret is not released", SETTLED, 0, /2026-05 .*not released/],
  ] as const) {
    it(`keeps the overlap away while ${title}`, () => {
      assert.match(endBreakGlassProblem(outputsOf(history), generation) ?? "", words);
    });
  }

  it("lets the overlap come back once the former secret is released", () => {
    const { version, active, skipped } = SETTLED;
    const released = [{ label: "2026-05", endDate: FIRST.endDate, keyId: FIRST.keyId }];
    const history = { version, ...(active && { active }), retiring: [], skipped, released };
    assert.equal(endBreakGlassProblem(outputsOf(history), 0), undefined);
  });
});
