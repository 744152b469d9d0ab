// The lab's clock: rate, calendar advances, and what it reports.
import assert from "node:assert/strict";
import { LabClock } from "../clock";

const START = Date.parse("2026-05-04T08:00:00Z");

describe("LabClock", () => {
  let real: number;
  let clock: LabClock;
  beforeEach(() => {
    real = START;
    clock = new LabClock(() => real);
  });

  it("follows the real clock until it is moved", () => {
    real += 1500;
    assert.equal(clock.now().toISOString(), "2026-05-04T08:00:01.500Z");
    assert.deepEqual(clock.toJSON(), { now: "2026-05-04T08:00:01.500Z", offsetMs: 0, rate: 1 });
  });

  const advances = [
    ["P6M", "2026-11-04T08:00:00.000Z"],
    ["PT90S", "2026-05-04T08:01:30.000Z"],
    ["P1Y2M3DT4H", "2027-07-07T12:00:00.000Z"],
    ["-P1D", "2026-05-03T08:00:00.000Z"],
  ] as const;
  for (const [duration, expected] of advances) {
    it(`stands at ${expected} after an advance by ${duration}`, () => {
      clock.advance(duration);
      assert.equal(clock.now().toISOString(), expected);
    });
  }

  it("ends at the month's last day when the same day does not exist", () => {
    clock.set(new Date("2026-08-31T00:00:00Z"));
    clock.advance("P6M");
    assert.equal(clock.now().toISOString(), "2027-02-28T00:00:00.000Z");
  });

  it("runs at its rate from the instant at which the rate is set", () => {
    real += 1000;
    clock.rate = 60;
    real += 2000;
    assert.equal(clock.now().toISOString(), "2026-05-04T08:02:01.000Z");
    clock.rate = 1;
    real += 1000;
    assert.equal(clock.now().toISOString(), "2026-05-04T08:02:02.000Z");
  });

  it("goes on from the instant it is set to", () => {
    clock.set(new Date("2030-01-01T00:00:00Z"));
    real += 1000;
    assert.equal(clock.now().toISOString(), "2030-01-01T00:00:01.000Z");
  });

  it("refuses what is no duration, no instant and no rate", () => {
    assert.throws(() => clock.advance("6 months"), /ISO-8601 duration, got "6 months"/);
    assert.throws(() => clock.set(new Date("never")), /valid date/);
    assert.throws(() => (clock.rate = 0), /greater than 0, got 0/);
  });
});
