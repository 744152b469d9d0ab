// The kill table on the lab: the script is held at every boundary of the host's transaction; the connection is dropped,
// the engine killed or the script killed; then P1, P2, P3 and P5 are checked from outside, and the run is repeated.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { until } from "../../../cli/until";
import { E2E_TIMEOUT_MS } from "../harness";
import { leaksIn } from "../leaks";
import { type Ended, Engine, converge } from "./engine";
import { Gate } from "./gate";
import {
  FAULTS,
  type Fault,
  ROWS,
  type Row,
  type Verdict,
  documented,
  printed,
  words,
} from "./kill-table";
import { Stage } from "./stage";
import { TransactionWatch } from "./watch";

const SETTLE_SECONDS = 2;
const SLOW_STOP_MS = 400;
const TIMES = { stopTimeoutSeconds: 5, startTimeoutSeconds: 5, settleSeconds: SETTLE_SECONDS };
/** CONTRACT.md section 7: from the death of a run to the running service. */
const BOUND_MS = (2 + TIMES.stopTimeoutSeconds + TIMES.startTimeoutSeconds) * 1000;
const IDLE_DEADLINE_MS = 60_000;
/** A line that the service writes at each start: as a failure pattern it makes every proof fail, of a running service. */
const AT_EVERY_START = "Sync started";

describe("a fault at a boundary of the host's transaction", function () {
  this.timeout(10 * E2E_TIMEOUT_MS);
  const verdicts = new Map<string, Promise<Verdict>>();
  const nameOf = (row: Row, fault: Fault): string => `${row.name}, ${fault}`;

  before(() => {
    // The columns at once, each on a lab of its own: most of a cell is waiting.
    for (const fault of FAULTS) {
      const opened = Stage.open({ lab: { cycleSeconds: 6 } });
      let turn: Promise<unknown> = opened.then((stage) => stage.override(TIMES));
      for (const row of ROWS) {
        const verdict = turn.then(async () => strikeCell(await opened, row, fault));
        verdicts.set(nameOf(row, fault), verdict);
        turn = verdict.catch(() => undefined);
      }
      stages.push(opened);
    }
  });
  const stages: Promise<Stage>[] = [];

  after(async () => {
    const cells = new Map<string, string>();
    for (const [name, verdict] of verdicts) {
      cells.set(name, await verdict.then(words, () => "FAILED"));
    }
    console.log(`\n${printed((row, fault) => cells.get(nameOf(row, fault)) ?? "not run")}\n`);
    for (const opened of stages) await opened.then((stage) => stage.close()).catch(() => undefined);
  });

  for (const row of ROWS) {
    for (const fault of FAULTS) {
      it(`is survived: ${nameOf(row, fault)}`, async () => {
        const verdict = await verdicts.get(nameOf(row, fault));
        assert(verdict !== undefined);
        assert.equal(words(verdict), documented().get(row.name)?.get(fault));
      });
    }
  }

  it("is in the document for every phase, and for no other", () => {
    assert.deepEqual(
      [...documented().keys()],
      ROWS.map((row) => row.name),
    );
    for (const cells of documented().values()) assert.deepEqual([...cells.keys()], [...FAULTS]);
  });

  it("makes nobody print a secret", async () => {
    for (const opened of stages) {
      const { scene } = await opened;
      const secrets = await scene.rehearsal.control.secretValues();
      assert.deepEqual(leaksIn("printed", scene.printed, secrets), []);
    }
  });
});

/** One rotation with the fault at the boundary. */
async function strikeCell(stage: Stage, row: Row, fault: Fault): Promise<Verdict> {
  const { control } = stage.scene.rehearsal;
  const former = await stage.service();
  const issuedBefore = new Set((await stage.issued()).map(({ keyId }) => keyId));
  await control.host("set-service-faults", { slowStopMs: SLOW_STOP_MS });
  stage.override({ failurePatterns: row.restores === true ? [AT_EVERY_START] : [] });
  stage.rotateNow();
  assert(former.pid !== null);
  const watch = new TransactionWatch(stage, former.pid);
  const gate = await Gate.of(stage);
  let secrets: string[] = [];
  try {
    gate.close(row.boundary);
    const engine = await Engine.up(stage);
    await heldAt(gate, engine);
    const sight = watch.sight();
    assert.deepEqual(sight, { ...sight, ...row.sight });
    await strike(stage, fault, engine, watch);
    gate.open();
    const { code } = await engine.ended;
    await hostIdle(stage, watch);
    // An engine that has all it needs before the fault may still succeed; a killed one has said nothing.
    assert(fault === "engine killed" ? code === null : code !== 0, `pulumi ended with ${code}`);
    const left = leftBy(stage, issuedBefore);
    stage.override({ failurePatterns: [] });
    const steps = await converge(stage, () => hostIdle(stage, watch));
    assert.equal(steps.includes("cancel"), fault === "engine killed");
    await hostIdle(stage, watch);
    secrets = watch.end();
    return { left, ...(await settled(stage, row, former, issuedBefore)) };
  } finally {
    gate.open();
    secrets = secrets.length > 0 ? secrets : watch.end();
    // P3: the former file or the new one, at every instant.
    const known = await control.secretValues();
    assert(secrets.every((secret) => known.includes(secret)));
    assert(new Set(secrets).size <= 2);
  }
}

/** Waits until the script stands at the gate, for as long as the engine that began it runs. */
async function heldAt(gate: Gate, engine: Engine): Promise<void> {
  let ended: Ended | undefined;
  void engine.ended.then((end) => (ended = end));
  await until(
    () => gate.holds || ended !== undefined,
    E2E_TIMEOUT_MS,
    "the script at the boundary",
  );
  assert(ended === undefined, `The script did not come to the boundary: ${ended?.output}`);
}

async function strike(
  stage: Stage,
  fault: Fault,
  engine: Engine,
  watch: TransactionWatch,
): Promise<void> {
  const { control } = stage.scene.rehearsal;
  if (fault === "script killed") {
    watch.killScript();
    return;
  }
  if (fault === "engine killed") {
    engine.kill();
    await engine.ended;
    await until(() => engine.left().length === 0, 10_000, "the engine's processes to be gone");
  }
  // A killed engine takes the vendor's plugin, its child, and so the connection with it; the lab's is not its child.
  await control.host("drop-connections", {});
}

/** What the host is left with, before anybody runs the update again. */
function leftBy(stage: Stage, issuedBefore: ReadonlySet<string>): Verdict["left"] {
  const last = stage
    .state("journal")
    .split("\n")
    .filter((line) => /^(adopted|restored) /.test(line))
    .at(-1);
  const [what, keyId = ""] = (last ?? "").split(" ");
  if (issuedBefore.has(keyId)) return "untouched";
  return what === "adopted" ? "adopted" : "restored";
}

/** P1, P2 and P5 after the rerun. */
async function settled(
  stage: Stage,
  row: Row,
  former: Awaited<ReturnType<Stage["service"]>>,
  issuedBefore: ReadonlySet<string>,
): Promise<Omit<Verdict, "left">> {
  const fresh = (await stage.issued()).filter(({ keyId }) => !issuedBefore.has(keyId));
  assert.equal(fresh.length, 1, `${fresh.length} secrets were issued`);
  const { active, inFlight } = await stage.history();
  assert.deepEqual([active?.keyId, inFlight], [fresh[0]?.keyId, undefined]);
  const service = await stage.service();
  const stops = service.stops.slice(former.stops.length);
  assert.equal(service.state, "running");
  assert.equal(service.encrypted, true);
  for (const stop of stops) {
    assert(stop.downtimeMs !== null && stop.downtimeMs <= BOUND_MS, JSON.stringify(stop));
  }
  assert.equal(service.failedSyncs, former.failedSyncs);
  assert.deepEqual(
    stops.filter(({ cause, midSync }) => cause !== "stop" || midSync),
    [],
  );
  assert.equal(service.documentsLost, former.documentsLost);
  const clientId = String(await stage.scene.rehearsal.output("clientId"));
  const signIns = await stage.scene.rehearsal.control.signIns(clientId);
  assert.deepEqual([signIns.at(-1)?.keyId, signIns.at(-1)?.ok], [active?.keyId, true]);
  const rerun = (await stage.consumerOutput())?.outcome ?? "nothing";
  const restarts = service.starts - former.starts;
  assert(restarts <= (row.restores === true ? 3 : 2), `${restarts} restarts`);
  return { rerun, restarts };
}

/** Nothing of the transaction is at work any more: neither a script nor a dead-man switch. */
async function hostIdle(stage: Stage, watch: TransactionWatch): Promise<void> {
  const idle = (): boolean => {
    const holder = Number.parseInt(stage.state("lock"), 10);
    const atWork = !Number.isNaN(holder) && existsSync(`/proc/${holder}`);
    return watch.scriptIsGone && !atWork && stage.state("deadman") === "";
  };
  await until(idle, IDLE_DEADLINE_MS, "the host to be done with the transaction");
}
