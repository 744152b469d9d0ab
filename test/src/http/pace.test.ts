// The pauses between tries, and the least time that a new secret is given.
import assert from "node:assert/strict";
import { presetSchema } from "../../../src/presets/preset";
import { presets } from "../../../src/presets";
import { type Another, backOff, insist } from "../../../src/http/pace";

const FIVE_MINUTES = 300;

describe("backOff", () => {
  it("doubles from one second to fifteen", () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6, 40].map((n) => backOff(n)),
      [1, 2, 4, 8, 15, 15, 15],
    );
  });

  it("waits as long as the server asks, between one second and a minute", () => {
    const wishes = [42, 60, 61, 999_999, 0, -5, 0.2];
    assert.deepEqual(
      wishes.map((wish) => backOff(9, wish)),
      [42, 60, 60, 60, 1, 1, 1],
    );
  });
});

describe("insist", () => {
  const tried = async (another: (tries: number) => Another | undefined): Promise<Tried> => {
    const waits: number[] = [];
    const elapsed = (): number => waits.reduce((sum, wait) => sum + wait, 0);
    const pace = { elapsed, pause: (seconds: number) => Promise.resolve(waits.push(seconds)) };
    let tries = 0;
    const result = await insist(pace, () => Promise.resolve((tries += 1)), another);
    return { result, waits };
  };

  it("ends with the first result that stands", async () => {
    const end = await tried((tries) => (tries < 3 ? { until: 99 } : undefined));
    assert.deepEqual(end, { result: 3, waits: [1, 2] });
  });

  it("ends with the last result that fits in before the deadline", async () => {
    assert.deepEqual(await tried(() => ({ until: 10 })), { result: 4, waits: [1, 2, 4] });
    const wish = { until: 61, retryAfterSeconds: 999_999 };
    assert.deepEqual(await tried(() => wish), { result: 2, waits: [60] });
    const hurry = { until: 3, retryAfterSeconds: 0 };
    assert.deepEqual(await tried(() => hurry), { result: 4, waits: [1, 1, 1] });
  });
});

interface Tried {
  readonly result: number;
  readonly waits: readonly number[];
}

describe("the bound of the sign-in proof", () => {
  for (const [name, preset] of Object.entries(presets)) {
    it(`gives a new secret at least five minutes with preset ${name}, and no override less`, () => {
      assert(preset.proof.boundSeconds >= FIVE_MINUTES);
      const withBound = (boundSeconds: number): boolean =>
        presetSchema.safeParse({ ...preset, proof: { ...preset.proof, boundSeconds } }).success;
      assert.deepEqual([withBound(FIVE_MINUTES), withBound(FIVE_MINUTES - 1)], [true, false]);
    });
  }
});
