// The pauses between tries, and the least time that a new secret is given.
import assert from "node:assert/strict";
import { presetSchema } from "../../components/pure/preset";
import { presets } from "../../presets";
import { backOff } from "../../steps/waiting";

const FIVE_MINUTES = 300;

describe("backOff", () => {
  it("doubles from one second to fifteen", () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6, 40].map((n) => backOff(n)),
      [1, 2, 4, 8, 15, 15, 15],
    );
  });

  it("waits as long as the server asks", () => {
    assert.deepEqual([backOff(1, 42), backOff(9, 0)], [42, 0]);
  });
});

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
