// Property tests of the plan: any sequence of runs, failures, missed runs, rotate-now and config changes.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ScheduleSettings } from "../../../components/pure/schedule";
import type { RunScript } from "./simulation";
import { Simulation } from "./simulation";

const RUNS = Number(process.env["KEYTURN_PROPERTY_RUNS"] ?? 400);
const settings: ScheduleSettings = {
  name: "sesar",
  anchor: "2026-05-01",
  every: "P6M",
  overlap: "P14D",
  lifetime: "P12M",
  generation: 0,
};
const GOOD: RunScript = { fail: "no", failingHost: 0, hosts: ["updated", "updated", "updated"] };

const script = fc.record({
  fail: fc.constantFrom(
    "no",
    "no",
    "no",
    "afterIssue",
    "atHost",
    "killedAtHost",
    "deletion" as const,
  ),
  failingHost: fc.nat(2),
  hosts: fc.array(fc.constantFrom("updated", "updated", "notNow" as const), {
    minLength: 3,
    maxLength: 3,
  }),
});
const event = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("run" as const),
      days: fc.integer({ min: 0, max: 45 }),
      script,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("missed" as const),
      days: fc.integer({ min: 20, max: 500 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("clockBack" as const),
      days: fc.integer({ min: 1, max: 200 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("generation" as const),
      step: fc.constantFrom(1, 1, 1, -1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("settings" as const),
      anchor: fc.constantFrom("2026-05-01", "2026-01-31", "2024-02-29", "2026-05-19"),
      every: fc.constantFrom("P6M", "P1M", "P3M", "P12M", "P30D", "P1W", "P1M15D"),
      overlap: fc.constantFrom("P14D", "PT0S", "P7D", "P30D", "P2M"),
      lifetime: fc.constantFrom("P12M", "P24M", "P4M", "P90D"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("portal" as const), index: fc.nat(5) }) },
);

describe("plan", () => {
  it("keeps every invariant for any sequence of runs, missed runs, failures, rotate-now and config changes", function () {
    this.timeout(120_000);
    let plans = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.array(event, { minLength: 1, maxLength: 25 }),
        (hosts, events) => {
          const world = new Simulation(hosts, settings);
          for (const step of events) {
            switch (step.kind) {
              case "run":
                world.now = world.now.plus({ days: step.days });
                world.run(step.script);
                break;
              case "missed":
                world.now = world.now.plus({ days: step.days });
                break;
              case "clockBack":
                world.now = world.now.minus({ days: step.days });
                break;
              case "generation":
                world.settings = {
                  ...world.settings,
                  generation: Math.max(0, world.settings.generation + step.step),
                };
                break;
              case "settings": {
                const { anchor, every, overlap, lifetime } = step;
                world.settings = { ...world.settings, anchor, every, overlap, lifetime };
                break;
              }
              case "portal":
                world.removeInPortal(step.index);
                break;
            }
            world.check();
          }
          converges(world);
          plans += world.plans;
        },
      ),
      { numRuns: RUNS },
    );
    console.log(`      ${RUNS} sequences, ${plans} plans`);
  });
});

/** Good runs bring the world to one adopted secret, whatever went before, and then change nothing. */
function converges(world: Simulation): void {
  world.settings = { ...world.settings, every: "P6M", overlap: "P14D", lifetime: "P12M" };
  for (let run = 0; run < 4; run += 1) {
    assert.ok(world.run(GOOD));
    world.check();
  }
  const held = world.history;
  assert.ok(held?.active !== undefined && held.inFlight === undefined, "the target is adopted");
  assert.deepEqual([held.skipped, held.released], [[], []], "nothing unadopted is left");
  assert.ok(
    held.active.endDate > world.now.toFormat("yyyy-MM-dd"),
    "the secret in use has not expired",
  );
  for (const host of world.hosts) {
    assert.ok([held.active.keyId, "lost in the portal"].includes(host.held));
  }
  const before = JSON.stringify([held, [...world.state]]);
  assert.ok(world.run(GOOD));
  assert.equal(
    JSON.stringify([world.history, [...world.state]]),
    before,
    "a run with nothing to do changes nothing",
  );
  for (let fortnight = 0; fortnight < 3; fortnight += 1) {
    world.now = world.now.plus({ days: 15 });
    for (let run = 0; run < 3; run += 1) assert.ok(world.run(GOOD));
    const overlapping = world.history?.retiring.length ?? 0;
    assert.equal(world.state.size, 1 + overlapping, "secrets do not pile up");
    assert.ok(overlapping <= 2, "retiring secrets end");
  }
}
