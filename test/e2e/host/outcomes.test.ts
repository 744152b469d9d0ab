// What an engineer sees when the host's update does not go through, what the engine records, and how a rerun goes on.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { until } from "../../../cli/until";
import { E2E_TIMEOUT_MS, type History } from "../harness";
import { leaksIn } from "../leaks";
import { type Issued, type Service, Stage } from "./stage";

/** Longer than the service lives when it dies after its start, and than a watcher needs to take that fault away. */
const SETTLE_SECONDS = 4;
const DIES_AFTER_MS = 2500;

describe("an update of the host that does not go through", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let stage: Stage;
  /** What was true before the rotation that a test began. */
  let standing: {
    readonly history: History;
    readonly service: Service;
    readonly issued: readonly Issued[];
    readonly outputs: string;
    readonly file: Buffer;
  };

  before(async () => {
    stage = await Stage.open();
    stage.override({ settleSeconds: SETTLE_SECONDS });
  });
  after(async () => {
    await (stage as Stage | undefined)?.close();
  });

  async function beginRotation(): Promise<void> {
    standing = {
      history: await stage.history(),
      service: await stage.service(),
      issued: await stage.issued(),
      outputs: JSON.stringify(await stage.scene.rehearsal.stack.outputs()),
      file: readFileSync(stage.file),
    };
    stage.rotateNow();
  }

  /** P1 and P5 after a try that came to nothing: one secret more, and the service on the one that it had. */
  async function assertOnFormerSecret(): Promise<Issued> {
    const formerKeyId = standing.history.active?.keyId;
    assert.equal(await stage.heldKeyId(), formerKeyId);
    assert(await stage.accepted(formerKeyId));
    const fresh = await onlyFreshSecret();
    assert(fresh.acceptedNow);
    return fresh;
  }

  async function onlyFreshSecret(): Promise<Issued> {
    const known = new Set(standing.issued.map(({ keyId }) => keyId));
    const fresh = (await stage.issued()).filter(({ keyId }) => !known.has(keyId));
    const [one] = fresh;
    assert(one !== undefined && fresh.length === 1, `${fresh.length} secrets were issued`);
    return one;
  }

  async function assertOutputsUntouched(): Promise<void> {
    const outputs = JSON.stringify(await stage.scene.rehearsal.stack.outputs());
    assert.equal(outputs, standing.outputs);
  }

  /** The rerun: the same secret, adopted, by so many stops of the service. */
  async function assertConverges(fresh: Issued, stops: number): Promise<void> {
    const already = (await stage.service()).stops.length;
    await stage.scene.up();
    assert.equal((await onlyFreshSecret()).keyId, fresh.keyId);
    const { active, inFlight } = await stage.history();
    assert.deepEqual([active?.keyId, inFlight], [fresh.keyId, undefined]);
    assert.equal(await stage.heldKeyId(), fresh.keyId);
    const service = await stage.service();
    assert.equal(service.stops.length - already, stops);
    assert.equal(service.state, "running");
  }

  /** The host's sentence, alone on a line of what the engine printed. */
  function assertSeen(output: string, sentence: RegExp): void {
    const said = output.split("\n").find((line) => line.trim().startsWith("keyturn: "));
    assert.match(said?.trim() ?? output, sentence);
  }

  /** The service dies after each start until the update has begun to put things back. */
  async function restoredUp(): Promise<string> {
    await stage.scene.rehearsal.control.host("set-service-faults", {
      dieAfterStartMs: DIES_AFTER_MS,
    });
    const { starts } = await stage.service();
    const update = stage.failingUp();
    const hasStarted = async (): Promise<boolean> => (await stage.service()).starts > starts;
    await Promise.all([
      update,
      until(hasStarted, E2E_TIMEOUT_MS, "the start with the new secret").then(() =>
        stage.scene.rehearsal.control.host("set-service-faults", {}),
      ),
    ]);
    return update;
  }

  describe("when no moment is safe", () => {
    let printed: string;
    before(async () => {
      await beginRotation();
      // No next sync is ever so far away.
      stage.override({ marginSeconds: 600, patienceSeconds: 2 });
      const length = stage.scene.printed.length;
      await stage.scene.up();
      printed = stage.scene.printed.slice(length);
    });

    it("is a success to the engine and says why it waits", async () => {
      const consumer = await stage.consumerOutput();
      assert.deepEqual([consumer?.outcome, consumer?.adopted], ["notNow", false]);
      const sentence =
        /^Not now: the next sync, \S+Z, is not 600 seconds away\. Waited 2 seconds\.$/;
      assert.match(consumer?.reason ?? "", sentence);
      assert(printed.includes(consumer?.reason ?? ""));
      const reason =
        /sesar: \S+ is issued and waits for sesar \(not now\), attempt 1; \S+ stays valid until \d{4}-\d\d-\d\d/;
      assert.match(printed, reason);
    });

    it("leaves the service and its file alone, on the former secret", async () => {
      assert.deepEqual(readFileSync(stage.file), standing.file);
      await assertOnFormerSecret();
      const { stops, failedSyncs } = await stage.service();
      assert.deepEqual([stops.length, failedSyncs], [standing.service.stops.length, 0]);
    });

    it("records the epoch in flight beside the active one", async () => {
      const { active, inFlight } = await stage.history();
      assert.equal(active?.keyId, standing.history.active?.keyId);
      assert.equal(inFlight?.keyId, (await onlyFreshSecret()).keyId);
    });

    it("tries again in the next run, with the attempt raised and no other secret", async () => {
      await stage.scene.up();
      assert.match(String(await stage.scene.rehearsal.output("reason")), /attempt 2;/);
      assert.equal(stage.report().attempt, "2");
      assert.equal((await stage.service()).stops.length, standing.service.stops.length);
    });

    it("adopts the same secret by one restart once a moment is safe", async () => {
      stage.override({ marginSeconds: 2, patienceSeconds: 60 });
      await assertConverges(await onlyFreshSecret(), 1);
    });
  });

  describe("when the host refuses", () => {
    let output: string;
    before(async () => {
      await beginRotation();
      chmodSync(stage.file, 0o440);
      output = await stage.failingUp();
    });

    it("shows the host's sentence and what to do", () => {
      assertSeen(
        output,
        /^keyturn: The host is not ready: filePath: \/.* is read-only\. Nothing was touched\. Put this right and run again\.$/,
      );
      assert.match(output, /Process exited with status 20/);
    });

    it("leaves the last good run's outputs, the service and its file untouched", async () => {
      await assertOutputsUntouched();
      await assertOnFormerSecret();
      assert.deepEqual(readFileSync(stage.file), standing.file);
      const { stops, failedSyncs } = await stage.service();
      assert.deepEqual([stops.length, failedSyncs], [standing.service.stops.length, 0]);
    });

    it("adopts the same secret by one restart once the cause is gone", async () => {
      chmodSync(stage.file, 0o640);
      await assertConverges(await onlyFreshSecret(), 1);
    });
  });

  describe("when the service does not keep running on the new secret", () => {
    let output: string;
    before(async () => {
      await beginRotation();
      output = await restoredUp();
    });

    it("shows that the former file is back, and why", () => {
      assertSeen(
        output,
        /^keyturn: The update failed: the service stopped running\. The former file is back and the service sesar runs on it\. See the service's log\. The next run tries once more\.$/,
      );
      assert.match(output, /Process exited with status 21/);
    });

    it("leaves the last good run's outputs untouched and the service on its former file", async () => {
      await assertOutputsUntouched();
      await assertOnFormerSecret();
      assert.deepEqual(readFileSync(stage.file), standing.file);
      assert.equal(stage.report().restoredCount, 1);
    });

    it("adopts the same secret by one restart once the cause is gone", async () => {
      await assertConverges(await onlyFreshSecret(), 1);
    });
  });

  describe("when the service was restored twice", () => {
    let stops: number;
    before(async () => {
      await beginRotation();
      await restoredUp();
      await restoredUp();
      stops = (await stage.service()).stops.length;
    });

    it("says so in the next run and does not stop the service again", async () => {
      assertSeen(
        await stage.failingUp(),
        /^keyturn: Key id \S+ was restored from twice and is not tried again by itself\. See \/.*report and the service's log; when the cause is gone, raise the retry counter in the config\.$/,
      );
      assert.equal((await stage.service()).stops.length, stops);
      await assertOutputsUntouched();
      await assertOnFormerSecret();
    });

    it("goes on with the same secret once the config's retry counter is raised", async () => {
      stage.consumer(["retry"], 1);
      await assertConverges(await onlyFreshSecret(), 1);
    });
  });

  describe("when the service cannot be started any more", () => {
    let output: string;
    before(async () => {
      await beginRotation();
      stage.override({ startTimeoutSeconds: 3 });
      await stage.scene.rehearsal.control.host("set-service-faults", { disabled: true });
      output = await stage.failingUp();
    });

    it("says that it needs hands, what is wrong and each step", () => {
      assertSeen(
        output,
        /^keyturn: Needs hands: the update failed \(the service did not run within 3 seconds of its start\), and putting the former state back failed too: the service did not run within 3 seconds of its start\. On the host: \(1\) \S+ stop sesar \(2\) cp -a '\/.*\/backup' '\/.*' \(3\) \S+ start sesar \(4\) see that it runs, then run again\.$/,
      );
      assert.match(output, /Process exited with status 22/);
    });

    it("leaves the former file in place, the journal open, and the last good run's outputs untouched", async () => {
      await assertOutputsUntouched();
      assert.deepEqual(readFileSync(stage.file), standing.file);
      assert.match(stage.state("journal"), /^phase restoring /m);
      assert.equal((await stage.service()).state, "stopped");
      assert(await stage.accepted(standing.history.active?.keyId));
    });

    it("runs on the former secret again by the steps that it names", async () => {
      await stage.scene.rehearsal.control.host("set-service-faults", {});
      const steps = /\(1\) (.+) \(2\) (.+) \(3\) (.+) \(4\)/.exec(output)?.slice(1) ?? [];
      assert.equal(steps.length, 3);
      for (const step of steps) execFileSync("sh", ["-c", step]);
      await assertOnFormerSecret();
    });

    it("adopts the same secret by one restart in the next run", async () => {
      await assertConverges(await onlyFreshSecret(), 1);
    });
  });

  describe("afterwards", () => {
    it("has nothing to do", async () => {
      const { stops } = await stage.service();
      await stage.scene.up({ expectNoChanges: true });
      assert.equal((await stage.service()).stops.length, stops.length);
    });

    it("has printed no secret", async () => {
      const secrets = await stage.scene.rehearsal.control.secretValues();
      assert(secrets.length >= 5);
      assert.deepEqual(leaksIn("printed", stage.scene.printed, secrets), []);
    });
  });
});
