// The kill table on the lab: the script is held at every boundary of the host's transaction; the connection is dropped,
// the engine killed or the script killed; the run is repeated; then P1, P2, P3 and P5 are checked from outside.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { E2E_TIMEOUT_MS } from "../../helpers/lab-stack";
import { leaksIn } from "../../helpers/leaks";
import { type Ended, Engine, converge } from "../../helpers/engine";
import { Gate } from "../../helpers/gate";
import { findProgram } from "../../helpers/interpreters";
import { connectionsTo } from "../../helpers/connections";
import {
  FAULTS,
  type Fault,
  type KillTable,
  type Row,
  type Verdict,
  documented,
  printed,
  words,
} from "./kill-table";
import { DeployedStack } from "../../helpers/deployed-stack";
import { TransactionWatch } from "../../helpers/watch";
import { until } from "../../helpers/until";

const SETTLE_SECONDS = 2;
const SLOW_STOP_MS = 400;
/** PowerShell comes up in seconds where two others do, and each program that it starts is three processes. */
const LIMIT_SECONDS = { sh: 5, powershell: 20 };
const CYCLE_SECONDS = { sh: 6, powershell: 10 };
const IDLE_DEADLINE_SECONDS = 120;
/** A line that the service writes at each start: as a failure pattern it makes every proof fail, of a running service. */
const AT_EVERY_START = "Sync started";

type IsAsked = (row: number, column: number) => boolean;

/** Declares the tests of the cells that are asked for: `isAsked` gets a cell's row and column, counted from 0. */
export function faultsAtBoundaries(table: KillTable, isAsked: IsAsked): void {
  const on = table.interpreter === "sh" ? "" : " on PowerShell";
  describe(`a fault at a boundary of the host's transaction${on}`, function () {
    if (table.interpreter === "powershell" && findProgram("pwsh") === undefined) {
      it("is not run: pwsh is not on PATH");
      return;
    }
    declareCells(this, table, isAsked);
  });
}

function declareCells(suite: Mocha.Suite, table: KillTable, isAsked: IsAsked): void {
  suite.timeout(10 * E2E_TIMEOUT_MS);
  const { interpreter, rows } = table;
  const asked = (fault: Fault): readonly Row[] =>
    rows.filter((_, row) => isAsked(row, FAULTS.indexOf(fault)));
  const verdicts = new Map<string, Promise<Verdict>>();
  const nameOf = (row: Row, fault: Fault): string => `${row.name}, ${fault}`;

  before(() => {
    // The columns at once, each on a lab of its own: most of a cell is waiting.
    for (const fault of FAULTS) {
      if (asked(fault).length === 0) continue;
      const cycleSeconds = CYCLE_SECONDS[interpreter];
      const opened = DeployedStack.open({ lab: { interpreter, cycleSeconds } });
      const limitSeconds = LIMIT_SECONDS[interpreter];
      let turn: Promise<unknown> = opened.then((deployed) => limit(deployed, limitSeconds));
      for (const row of asked(fault)) {
        const verdict = turn.then(async () => strikeCell(await opened, row, fault, limitSeconds));
        verdicts.set(nameOf(row, fault), verdict);
        turn = verdict.catch(() => undefined);
      }
      deployedStacks.push(opened);
    }
  });
  const deployedStacks: Promise<DeployedStack>[] = [];

  after(async () => {
    const cells = new Map<string, string>();
    for (const [name, verdict] of verdicts) {
      cells.set(name, await verdict.then(words, () => "FAILED"));
    }
    console.log(
      `\n${printed(table, (row, fault) => cells.get(nameOf(row, fault)) ?? "not run")}\n`,
    );
    for (const opened of deployedStacks)
      await opened.then((deployed) => deployed.close()).catch(() => undefined);
  });

  for (const fault of FAULTS) {
    for (const row of asked(fault)) {
      it(`is survived: ${nameOf(row, fault)}`, async () => {
        const verdict = await verdicts.get(nameOf(row, fault));
        assert(verdict !== undefined);
        assert.equal(words(verdict), documented(table).get(row.name)?.get(fault));
      });
    }
  }

  it("is in the document for every phase, and for no other", () => {
    assert.deepEqual(
      [...documented(table).keys()],
      rows.map((row) => row.name),
    );
    for (const cells of documented(table).values())
      assert.deepEqual([...cells.keys()], [...FAULTS]);
  });

  it("makes nobody print a secret", async () => {
    for (const opened of deployedStacks) {
      const { labStack } = await opened;
      const secrets = await labStack.rehearsal.control.secretValues();
      assert.deepEqual(leaksIn("printed", labStack.printed, secrets), []);
    }
  });
}

/** The time limits of the service's stop and start, and how long it must run. */
function limit(deployed: DeployedStack, seconds: number): void {
  deployed.override({
    stopTimeoutSeconds: seconds,
    startTimeoutSeconds: seconds,
    settleSeconds: SETTLE_SECONDS,
  });
}

/**
 * One rotation with the fault at the boundary.
 * @param limitSeconds of the service's stop, and of its start
 */
async function strikeCell(
  deployed: DeployedStack,
  row: Row,
  fault: Fault,
  limitSeconds: number,
): Promise<Verdict> {
  const { control } = deployed.labStack.rehearsal;
  const former = await deployed.service();
  const issuedBefore = new Set((await deployed.issued()).map(({ keyId }) => keyId));
  await control.host("set-service-faults", { slowStopMs: SLOW_STOP_MS });
  deployed.override({ failurePatterns: row.restores === true ? [AT_EVERY_START] : [] });
  deployed.rotateNow();
  assert(former.pid !== null);
  const watch = new TransactionWatch(deployed, former.pid);
  const gate = await Gate.of(deployed);
  let secrets: string[] = [];
  let engine: Engine | undefined;
  try {
    gate.close(row.boundary);
    engine = Engine.up(deployed);
    await heldAt(gate, engine);
    const sight = watch.sight();
    assert.deepEqual(sight, { ...sight, ...row.sight });
    await strike(deployed, fault, engine, watch);
    let left: Verdict["left"] | undefined;
    const finished = async (): Promise<void> => {
      gate.open();
      await hostIdle(deployed, watch);
      left ??= leftBy(deployed, issuedBefore);
    };
    // The host of a killed engine knows nothing of it, so the rerun may come while it is at work.
    const refused = fault === "engine killed" && row.patient === true;
    if (!refused) await finished();
    const { code } = await engine.ended;
    // An engine that has all it needs before the fault may still succeed; a killed one has said nothing.
    assert(fault === "engine killed" ? code === null : code !== 0, `pulumi ended with ${code}`);
    deployed.override({ failurePatterns: [] });
    const steps = await converge(deployed, finished);
    assert.equal(steps.includes("cancel"), fault === "engine killed");
    assert.equal(steps.includes("wait"), refused);
    await hostIdle(deployed, watch);
    secrets = watch.end();
    assert(left !== undefined);
    return { left, refused, ...(await settled(deployed, row, former, issuedBefore, limitSeconds)) };
  } finally {
    gate.open();
    engine?.endLeftOver();
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
    "the script at the boundary",
    () => gate.holds || ended !== undefined,
    E2E_TIMEOUT_MS / 1000,
  );
  assert(ended === undefined, `The script did not come to the boundary: ${ended?.output}`);
}

async function strike(
  deployed: DeployedStack,
  fault: Fault,
  engine: Engine,
  watch: TransactionWatch,
): Promise<void> {
  const { control } = deployed.labStack.rehearsal;
  if (fault === "script killed") {
    watch.killScript();
    return;
  }
  if (fault === "engine killed") {
    const { port } = (await control.hostAccess()).ssh;
    engine.kill();
    await engine.ended;
    // The plugin outlives its engine, and its session with it: nobody tells the host that anything has happened.
    assert.equal(connectionsTo(port), 1);
    return;
  }
  await control.host("drop-connections", {});
}

/** What the host is left with, before anybody runs the update again. */
function leftBy(deployed: DeployedStack, issuedBefore: ReadonlySet<string>): Verdict["left"] {
  const last = deployed
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
  deployed: DeployedStack,
  row: Row,
  former: Awaited<ReturnType<DeployedStack["service"]>>,
  issuedBefore: ReadonlySet<string>,
  limitSeconds: number,
): Promise<Pick<Verdict, "rerun" | "restarts">> {
  const fresh = (await deployed.issued()).filter(({ keyId }) => !issuedBefore.has(keyId));
  assert.equal(fresh.length, 1, `${fresh.length} secrets were issued`);
  const { active, inFlight } = await deployed.history();
  assert.deepEqual([active?.keyId, inFlight], [fresh[0]?.keyId, undefined]);
  const service = await deployed.service();
  const stops = service.stops.slice(former.stops.length);
  assert.equal(service.state, "running");
  assert.equal(service.encrypted, true);
  // CONTRACT.md section 7: from the death of a run to the running service.
  const boundMs = (2 + 2 * limitSeconds) * 1000;
  for (const stop of stops) {
    assert(stop.downtimeMs !== null && stop.downtimeMs <= boundMs, JSON.stringify(stop));
  }
  assert.equal(service.failedSyncs, former.failedSyncs);
  assert.deepEqual(
    stops.filter(({ cause, midSync }) => cause !== "stop" || midSync),
    [],
  );
  assert.equal(service.documentsLost, former.documentsLost);
  const clientId = String(await deployed.labStack.rehearsal.output("clientId"));
  const signIns = await deployed.labStack.rehearsal.control.signIns(clientId);
  assert.deepEqual([signIns.at(-1)?.keyId, signIns.at(-1)?.ok], [active?.keyId, true]);
  const rerun = (await deployed.consumerOutput())?.outcome ?? "nothing";
  const restarts = service.starts - former.starts;
  assert(restarts <= (row.restores === true ? 3 : 2), `${restarts} restarts`);
  return { rerun, restarts };
}

/** Nothing of the transaction is at work any more: neither a script nor a dead-man switch. */
async function hostIdle(deployed: DeployedStack, watch: TransactionWatch): Promise<void> {
  const idle = (): boolean => {
    const holder = Number.parseInt(deployed.state("lock"), 10);
    const atWork = !Number.isNaN(holder) && existsSync(`/proc/${holder}`);
    return watch.scriptIsGone && !atWork && deployed.state("deadman") === "";
  };
  await until("the host to be done with the transaction", idle, IDLE_DEADLINE_SECONDS);
}
