// The numbers that a series of samples comes to.
import assert from "node:assert/strict";
import fc from "fast-check";
import { ratio, spread } from "../statistics";

describe("spread", () => {
  it("takes the middle sample of an odd series, whatever the order", () => {
    assert.deepEqual(spread([30, 100, 20]), { minimum: 20, median: 30, maximum: 100 });
  });

  it("takes the mean of the two middle samples of an even series", () => {
    assert.deepEqual(spread([4, 1, 2, 10]), { minimum: 1, median: 3, maximum: 10 });
  });

  it("sorts by number, not by text", () => {
    assert.deepEqual(spread([1000, 9, 80]), { minimum: 9, median: 80, maximum: 1000 });
  });

  it("leaves the series as it was", () => {
    const samples = [3, 1, 2];
    spread(samples);
    assert.deepEqual(samples, [3, 1, 2]);
  });

  it("refuses a series without a sample", () => {
    assert.throws(() => spread([]), RangeError);
  });

  it("has as many samples below the median as above it", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1 }), (samples) => {
        const { minimum, median, maximum } = spread(samples);
        const below = samples.filter((one) => one < median).length;
        const above = samples.filter((one) => one > median).length;
        assert.ok(minimum <= median && median <= maximum);
        assert.ok(below <= samples.length / 2 && above <= samples.length / 2);
      }),
    );
  });
});

describe("ratio", () => {
  it("divides ours by the reference, medians and minima apart", () => {
    const ours = { minimum: 30, median: 60, maximum: 90 };
    const reference = { minimum: 20, median: 30, maximum: 31 };
    assert.deepEqual(ratio(ours, reference), { ofMedians: 2, ofMinima: 1.5 });
  });
});
