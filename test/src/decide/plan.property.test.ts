// Property tests of the plan: any sequence of runs, failures, missed runs, rotate-now and config changes.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ScheduleConfig } from "../../../src/decide/schedule";
import { INVARIANTS, holds, looks } from "./invariants";
import { LOST } from "./simulated-consumers";
import { Simulation } from "./simulation";

const RUNS = Number(process.env["KEYTURN_PROPERTY_RUNS"] ?? 300);
const SEQUENCE_MS = 1000;
const config: ScheduleConfig = {
  name: "sesar",
  anchor: "2026-05-01",
  every: "P6M",
  overlap: "P14D",
  lifetime: "P12M",
  generation: 0,
};
type Script = typeof script extends fc.Arbitrary<infer T> ? T : never;
const GOOD: Script = {
  fail: "no",
  failingHost: 0,
  hosts: ["updated", "updated", "updated"],
  log: "read",
};

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
  failingHost: fc.nat(4),
  hosts: fc.array(fc.constantFrom("updated", "updated", "notNow" as const), {
    minLength: 3,
    maxLength: 3,
  }),
  log: fc.constantFrom("read", "read", "late", "partial", "unread" as const),
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
      kind: fc.constant("config" as const),
      anchor: fc.constantFrom("2026-05-01", "2026-01-31", "2024-02-29", "2026-05-19"),
      every: fc.constantFrom("P6M", "P1M", "P3M", "P12M", "P30D", "P1W", "P1M15D"),
      overlap: fc.constantFrom("P14D", "PT0S", "P7D", "P30D", "P2M"),
      lifetime: fc.constantFrom("P12M", "P24M", "P4M", "P90D"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("portal" as const), index: fc.nat(5) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("stranger" as const),
      index: fc.nat(5),
      days: fc.integer({ min: 0, max: 10 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("removed" as const),
      index: fc.nat(5),
      goesOn: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("tries" as const),
      where: fc.constantFrom("desk", "consumer" as const),
      index: fc.nat(5),
      days: fc.integer({ min: 0, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("strict" as const), is: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("putBack" as const),
      // The day of a run is what tells one asking from another.
      days: fc.integer({ min: 1, max: 20 }),
      index: fc.nat(3),
      back: fc.nat(3),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("added" as const),
      what: fc.constantFrom("machine", "machine", "person" as const),
      index: fc.nat(5),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("people" as const),
      index: fc.nat(2),
      act: fc.constantFrom(
        ...(["takes", "takes", "confirms", "confirms", "confirmsFormer", "confirmsAny"] as const),
      ),
    }),
  },
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;
/** Where the log cannot be read, only the hosts' own answers stand. */
const BLIND: Script = { ...GOOD, log: "unread" };
/** Sequences that failed once. */
const FOUND: [{ machines: number; people: number }, Event[]][] = [
  // A machine that a killed run brought a secret is asked again, though the secret is gone from Entra and the state.
  [
    { machines: 2, people: 1 },
    [
      { kind: "run", days: 0, script: GOOD },
      { kind: "generation", step: 1 },
      { kind: "run", days: 0, script: { ...GOOD, fail: "killedAtHost", failingHost: 1 } },
      { kind: "generation", step: -1 },
      { kind: "portal", index: 1 },
    ],
  ],
  // A shorter epoch began, its run failed, and the longer one is back: people hold a secret that is not asked for.
  [
    { machines: 1, people: 1 },
    [
      {
        kind: "config",
        anchor: "2026-05-01",
        every: "P1M",
        overlap: "P14D",
        lifetime: "P12M",
      },
      { kind: "run", days: 0, script: GOOD },
      { kind: "run", days: 15, script: { ...GOOD, fail: "atHost", failingHost: 0 } },
    ],
  ],
  // People are waited for since a run that would have released: the machine is not asked again each day.
  [
    { machines: 1, people: 1 },
    [
      { kind: "people", index: 0, act: "takes" },
      { kind: "config", anchor: "2026-05-01", every: "P1M", overlap: "P7D", lifetime: "P12M" },
      { kind: "run", days: 0, script: GOOD },
      { kind: "people", index: 0, act: "takes" },
      { kind: "people", index: 0, act: "confirms" },
      { kind: "run", days: 0, script: GOOD },
      { kind: "generation", step: 1 },
      { kind: "run", days: 1, script: { ...GOOD, fail: "atHost", failingHost: 0 } },
      { kind: "generation", step: -1 },
      { kind: "run", days: 0, script: GOOD },
      { kind: "run", days: 12, script: GOOD },
      { kind: "run", days: 1, script: GOOD },
    ],
  ],
  // A host is put back from a snapshot within the overlap.
  [
    { machines: 2, people: 0 },
    [
      { kind: "run", days: 0, script: GOOD },
      { kind: "run", days: 165, script: GOOD },
      { kind: "putBack", days: 5, index: 0, back: 0 },
      { kind: "run", days: 12, script: { ...GOOD, hosts: ["notNow"] } },
      { kind: "run", days: 1, script: GOOD },
      { kind: "run", days: 1, script: GOOD },
      { kind: "run", days: 1, script: GOOD },
    ],
  ],
  // It is put back between the release and the removal, and finds no safe moment.
  [
    { machines: 2, people: 0 },
    [
      { kind: "run", days: 0, script: GOOD },
      { kind: "run", days: 165, script: GOOD },
      { kind: "run", days: 15, script: GOOD },
      { kind: "putBack", days: 1, index: 1, back: 0 },
      { kind: "run", days: 0, script: { ...GOOD, hosts: ["notNow"] } },
      { kind: "run", days: 1, script: GOOD },
    ],
  ],
  // A host is put back from a snapshot within the overlap, and the log cannot be read.
  [
    { machines: 2, people: 0 },
    [
      { kind: "run", days: 0, script: BLIND },
      { kind: "run", days: 165, script: BLIND },
      { kind: "putBack", days: 5, index: 0, back: 0 },
      { kind: "run", days: 12, script: { ...BLIND, hosts: ["notNow"] } },
      { kind: "run", days: 1, script: BLIND },
      { kind: "run", days: 1, script: BLIND },
      { kind: "run", days: 1, script: BLIND },
    ],
  ],
  // It is put back between the release and the removal, and finds no safe moment; the log cannot be read.
  [
    { machines: 2, people: 0 },
    [
      { kind: "run", days: 0, script: BLIND },
      { kind: "run", days: 165, script: BLIND },
      { kind: "run", days: 15, script: BLIND },
      { kind: "putBack", days: 1, index: 1, back: 0 },
      { kind: "run", days: 0, script: { ...BLIND, hosts: ["notNow"] } },
      { kind: "run", days: 1, script: BLIND },
    ],
  ],
  // A consumer that holds the released secret is added before the removal, and finds no safe moment.
  [
    { machines: 1, people: 0 },
    [
      { kind: "run", days: 0, script: GOOD },
      { kind: "run", days: 165, script: GOOD },
      { kind: "run", days: 15, script: GOOD },
      { kind: "added", what: "machine", index: 1 },
      { kind: "run", days: 1, script: { ...GOOD, hosts: ["notNow"] } },
      { kind: "run", days: 1, script: { ...GOOD, hosts: ["notNow"] } },
      { kind: "run", days: 1, script: GOOD },
    ],
  ],
  // A killed run brought a host a secret that is skipped then; a snapshot from between brings it back.
  [
    { machines: 1, people: 0 },
    [
      { kind: "run", days: 0, script: GOOD },
      { kind: "generation", step: 1 },
      { kind: "run", days: 1, script: { ...GOOD, fail: "killedAtHost", failingHost: 0 } },
      { kind: "generation", step: -1 },
      { kind: "run", days: 1, script: GOOD },
      { kind: "putBack", days: 1, index: 0, back: 0 },
      { kind: "run", days: 1, script: GOOD },
      { kind: "run", days: 1, script: GOOD },
    ],
  ],
  // Somebody unknown uses the former secret in its overlap, one run sees it, and the log cannot be read when it would go.
  [
    { machines: 1, people: 0 },
    [
      { kind: "run", days: 0, script: GOOD },
      { kind: "run", days: 165, script: GOOD },
      { kind: "stranger", days: 5, index: 1 },
      { kind: "run", days: 1, script: GOOD },
      { kind: "run", days: 12, script: BLIND },
      { kind: "run", days: 1, script: BLIND },
    ],
  ],
  // A person tries the first secret at the address of a product that goes on with one of nobody's making.
  [
    { machines: 0, people: 1 },
    [
      { kind: "run", days: 0, script: GOOD },
      { kind: "tries", where: "consumer", index: 0, days: 1 },
      { kind: "run", days: 0, script: GOOD },
    ],
  ],
  // A host that was put back uses the former secret, and the clock is set back: the use lies in its future.
  [
    { machines: 1, people: 0 },
    [
      { kind: "stranger", index: 0, days: 6 },
      { kind: "run", days: 22, script: GOOD },
      { kind: "run", days: 27, script: GOOD },
      {
        kind: "config",
        anchor: "2026-01-31",
        every: "P6M",
        overlap: "P14D",
        lifetime: "P12M",
      },
      { kind: "putBack", days: 18, index: 0, back: 0 },
      { kind: "putBack", days: 18, index: 0, back: 0 },
      { kind: "clockBack", days: 70 },
    ],
  ],
  // People are waited for in an epoch whose adoption was asked for with a doubt that is gone by then.
  [
    { machines: 1, people: 0 },
    [
      { kind: "run", days: 0, script: { ...GOOD, hosts: ["notNow"] } },
      { kind: "generation", step: 1 },
      { kind: "run", days: 0, script: GOOD },
      { kind: "added", what: "person", index: 0 },
      { kind: "run", days: 0, script: GOOD },
    ],
  ],
  // One adoption retires two secrets, the clock goes back, and the next epoch begins while both still overlap.
  [
    { machines: 1, people: 0 },
    [
      { kind: "run", days: 13, script: GOOD },
      {
        kind: "config",
        anchor: "2024-02-29",
        every: "P1M15D",
        overlap: "P14D",
        lifetime: "P12M",
      },
      { kind: "run", days: 4, script: { ...GOOD, hosts: ["notNow"] } },
      { kind: "putBack", days: 9, index: 0, back: 0 },
      { kind: "run", days: 43, script: { ...GOOD, hosts: ["notNow"] } },
      { kind: "run", days: 18, script: GOOD },
      { kind: "clockBack", days: 2 },
    ],
  ],
];
/** Lives in which something that is counted comes to pass, whatever the seed. */
const CERTAIN: [
  what: "overdue" | "refused" | "heldBack" | "seenByLog" | "tried",
  whom: { machines: number; people: number },
  events: Event[],
][] = [
  [
    "overdue",
    { machines: 0, people: 1 },
    [
      { kind: "run", days: 0, script: BLIND },
      { kind: "run", days: 1, script: BLIND },
      { kind: "run", days: 20, script: BLIND },
    ],
  ],
  [
    "refused",
    { machines: 2, people: 0 },
    [
      { kind: "run", days: 0, script: BLIND },
      { kind: "run", days: 165, script: BLIND },
      { kind: "run", days: 15, script: BLIND },
      { kind: "putBack", days: 1, index: 1, back: 0 },
      { kind: "run", days: 0, script: { ...BLIND, hosts: ["notNow"] } },
    ],
  ],
  [
    "heldBack",
    { machines: 1, people: 0 },
    [
      { kind: "run", days: 0, script: GOOD },
      { kind: "run", days: 165, script: GOOD },
      { kind: "stranger", days: 5, index: 1 },
      { kind: "run", days: 10, script: GOOD },
    ],
  ],
  [
    "seenByLog",
    { machines: 0, people: 1 },
    [
      { kind: "run", days: 0, script: GOOD },
      { kind: "people", index: 0, act: "takes" },
      { kind: "run", days: 3, script: GOOD },
      { kind: "run", days: 1, script: GOOD },
    ],
  ],
  [
    "tried",
    { machines: 0, people: 1 },
    [
      { kind: "run", days: 0, script: GOOD },
      { kind: "tries", where: "consumer", index: 0, days: 1 },
      { kind: "run", days: 0, script: GOOD },
      { kind: "run", days: 2, script: { ...GOOD, log: "late" } },
    ],
  ],
];
// Machines and people, mixed; at least one consumer.
const cast = fc
  .record({ machines: fc.nat(3), people: fc.nat(2) })
  .filter(({ machines, people }) => machines + people > 0);

describe("plan", () => {
  it("keeps every invariant for any sequence of runs, missed runs, failures, rotate-now, config changes and people", function () {
    this.timeout(Math.max(600_000, RUNS * SEQUENCE_MS));
    const told = { plans: 0, overdue: 0, refused: 0, heldBack: 0, seenByLog: 0, tried: 0 };
    fc.assert(
      fc.property(cast, fc.array(event, { minLength: 1, maxLength: 25 }), (whom, events) => {
        const world = live(whom, events);
        converges(world);
        for (const [what, count] of counts(told)) told[what] = count + world[what];
      }),
      { numRuns: RUNS, examples: FOUND },
    );
    const { plans, overdue, refused, heldBack, seenByLog, tried } = told;
    console.log(
      `      ${RUNS} sequences, ${plans} plans: ${overdue} runs red for people's delay, ${refused} for a host that was put back, ` +
        `${heldBack} releases held back by the log, ${seenByLog} people seen by it, ${tried} values tried by a person`,
    );
    for (const name of INVARIANTS)
      console.log(`      ${String(looks.get(name)).padStart(8)} × ${name}`);
    assert.deepEqual(
      INVARIANTS.filter((name) => looks.get(name) === 0),
      [],
      "every invariant was looked at",
    );
  });

  // What a random life comes to but rarely is looked at in these, whatever the seed.
  for (const [what, whom, events] of CERTAIN) {
    it(`comes, in a life of which that is certain, to what is counted as ${what}`, () => {
      const world = live(whom, events);
      assert.ok(world[what] > 0);
      converges(world);
    });
  }
});

type Cast = typeof cast extends fc.Arbitrary<infer T> ? T : never;

function counts<T extends Readonly<Record<string, number>>>(told: T): [keyof T, number][] {
  return Object.entries(told);
}

/** Everything that happens, one after the other; what must hold is looked at after each. */
function live({ machines, people }: Cast, events: readonly Event[]): Simulation {
  const world = new Simulation(machines, people, config);
  for (const step of events) {
    happen(world, step);
    world.check();
  }
  return world;
}

function happen(world: Simulation, step: Event): void {
  switch (step.kind) {
    case "run":
      world.pass(step.days);
      world.run(step.script);
      break;
    case "missed":
      world.pass(step.days);
      break;
    case "clockBack":
      world.turnBack(step.days);
      break;
    case "generation":
      world.config = {
        ...world.config,
        generation: Math.max(0, world.config.generation + step.step),
      };
      break;
    case "config": {
      const { anchor, every, overlap, lifetime } = step;
      world.config = { ...world.config, anchor, every, overlap, lifetime };
      break;
    }
    case "putBack":
      world.pass(step.days);
      world.consumers.putBack(step.index, step.back, world.entra);
      break;
    case "added":
      world.add(step.what, step.index);
      break;
    case "removed":
      world.consumers.remove(step.index, step.goesOn);
      break;
    case "people":
      world.consumers.act(step.index, step.act);
      break;
    case "stranger":
      world.pass(step.days);
      world.stranger(step.index);
      break;
    case "tries":
      world.pass(step.days);
      world.tries(step.where, step.index);
      break;
    case "strict":
      world.requireSignInLog = step.is;
      break;
    case "portal":
      world.removeInPortal(step.index);
      break;
  }
}

const GOOD_RUNS =
  "good runs end with one adopted secret, and a run with nothing to do changes nothing";

/** Good runs bring the world to one adopted secret, whatever went before, and then change nothing. */
function converges(world: Simulation): void {
  // Nobody uses what left the config, once somebody has found it.
  world.consumers.forgotten = [];
  // A run that failed since a host holds another secret asks again on the next day.
  world.pass(1);
  world.config = { ...world.config, every: "P6M", overlap: "P14D", lifetime: "P12M" };
  const good = (): void => {
    world.consumers.serve();
    const before = world.overdue;
    let succeeded = world.run(GOOD);
    if (!succeeded && world.overdue > before) {
      // People took what a failed run offered last. The run that offers another secret says so, and they take that.
      world.consumers.serve();
      succeeded = world.run(GOOD);
    }
    holds(GOOD_RUNS, succeeded, "it succeeds");
    world.check();
  };
  for (let run = 0; run < 5; run += 1) good();
  const held = world.history;
  holds(GOOD_RUNS, held?.active !== undefined && held.inFlight === undefined, "it is adopted");
  assert.deepEqual([held.skipped, held.released], [[], []], "nothing unadopted is left");
  for (const consumer of world.consumers.all) {
    assert.ok(consumer.unheard === true || [held.active.keyId, LOST].includes(consumer.held));
  }
  const before = JSON.stringify([held, [...world.state]]);
  good();
  holds(GOOD_RUNS, JSON.stringify([world.history, [...world.state]]) === before, "no change");
  lookAtSilence(world, good);
}

/** Nobody but the consumers signs in any more, and what was used before the clock was set back is in the past again. */
function lookAtSilence(world: Simulation, good: () => void): void {
  // On the day of an adoption no machine is seen on the new secret yet, and nothing goes.
  const days = (count: number): void => {
    for (let day = 0; day < count; day += 1) {
      world.pass(1);
      good();
    }
  };
  world.pass(world.behind);
  for (let time = 0; time < 3; time += 1) {
    world.pass(25);
    days(2);
    // And what a new epoch begins on the last day is ended on it.
    for (let run = 0; run < 3; run += 1) good();
    const { inFlight, retiring = [], released = [], skipped = [] } = world.history ?? {};
    const known = [inFlight ?? [], retiring, released, skipped].flat();
    assert.equal(world.state.size, 1 + known.length, "secrets do not pile up");
    // One adoption may retire several: the former secret and those that were skipped meanwhile.
    const adoptions = new Set(retiring.map(({ successorAdoptedOn }) => successorAdoptedOn));
    assert.ok(adoptions.size <= 2, "retiring secrets end");
  }
  days(2);
  holds("a former secret that nobody uses any more is let go", world.withheld.length === 0);
}
