// The run's clock against Microsoft's: as pure decision, and over the wire, where the emulators say the lab's time.
import assert from "node:assert/strict";
import { z } from "zod";
import { clockProblem } from "../../../src/decide/clock";
import { GraphReader } from "../../../src/http/graph";
import { forgetTimes, saidTimes } from "../../../src/http/said-times";
import { refuseWrongClock } from "../../../src/observe/microsoft-clock";
import { type Cloud, startTrustedCloud } from "../../../packages/lab/test/cloud/harness";

const NOW = new Date("2027-05-01T00:00:00Z");
const minutesFrom = (minutes: number): Date => new Date(NOW.getTime() + minutes * 60_000);
const by = (server: string, minutes: number) => ({ server, said: minutesFrom(minutes) });

describe("clockProblem", () => {
  it("believes a clock within five minutes, and one that nobody contradicts", () => {
    assert.equal(clockProblem(NOW, []), undefined);
    assert.equal(clockProblem(NOW, [by("g", 5), by("a", -5)]), undefined);
  });

  for (const [what, minutes] of [
    ["six minutes behind", 6],
    ["six minutes ahead", -6],
    ["a month ahead", -60 * 24 * 31],
  ] as const) {
    it(`names the server and both times when the clock is ${what}`, () => {
      const problem = clockProblem(NOW, [by("near", 1), by("graph.example", minutes)]) ?? "";
      assert.match(problem, /says 2027-05-01T00:00:00Z where graph\.example says 20\S+Z\. Nothing/);
      assert.ok(problem.includes(minutesFrom(minutes).toISOString().slice(0, 19)));
    });
  }
});

describe("refuseWrongClock", () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await startTrustedCloud();
  });
  after(() => cloud.close());
  beforeEach(forgetTimes);
  afterEach(forgetTimes);

  const elsewhere = { environment: "public", metadataHost: "localhost:9" } as const;
  const labNow = (): Date => cloud.context.clock.now();
  const aheadOf = (date: Date): Date => new Date(date.getTime() + 31 * 86_400_000);

  it("refuses a clock that is a month ahead of the time in Graph's answers, refusals too", async () => {
    for (const [status, times] of [
      [200, 0],
      [403, 1],
    ] as const) {
      forgetTimes();
      if (times > 0) {
        const rule = { server: "graph", pathPattern: ".", status, code: "x", times } as const;
        cloud.context.faults.add(rule);
      }
      const token = await cloud.token("Group.Read.All");
      const graph = new GraphReader(cloud.context.endpoints.graphUrl, token, 30);
      await graph.items("/v1.0/groups", z.unknown(), 1).catch(() => undefined);
      assert.equal(saidTimes().length, 1);
      await refuseWrongClock(elsewhere, labNow());
      await assert.rejects(refuseWrongClock(elsewhere, aheadOf(labNow())), /must be within 5 min/);
    }
  });

  it("takes the lab's time from every emulator, however far its clock was set", async () => {
    cloud.context.clock.set(new Date("2031-01-01T00:00:00Z"));
    const token = await cloud.token("Group.Read.All");
    await new GraphReader(cloud.context.endpoints.graphUrl, token, 30).items(
      "/v1.0/groups",
      z.unknown(),
      1,
    );
    assert.match(saidTimes()[0]?.said.toISOString() ?? "", /^2031-01-01T00:0/);
  });

  it("asks Entra when the run has asked nobody, and goes on when it does not answer", async () => {
    await refuseWrongClock(elsewhere, labNow());
    assert.deepEqual(saidTimes(), []);
  });
});
