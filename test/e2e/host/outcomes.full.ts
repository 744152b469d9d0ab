// What an engineer sees when the host's update does not go through, what the engine records, and how a rerun goes on.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { E2E_TIMEOUT_MS, type History } from "../../helpers/lab-stack";
import { leaksIn } from "../../helpers/leaks";
import { type Issued, type Service, DeployedStack } from "../../helpers/deployed-stack";
import { until } from "../../helpers/until";

/** Longer than the service lives when it dies after its start, and than a watcher needs to take that fault away. */
const SETTLE_SECONDS = 4;
const DIES_AFTER_MS = 2500;

/** The bounded look at the host's SSH server, as the engine tells of it. */
const LOOK = "update sesar-sesar-reach-command";

describe("an update of the host that does not go through", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let deployed: DeployedStack;
  /** What was true before the rotation that a test began. */
  let standing: {
    readonly history: History;
    readonly service: Service;
    readonly issued: readonly Issued[];
    readonly outputs: string;
    readonly file: Buffer;
  };

  before(async () => {
    deployed = await DeployedStack.open();
    deployed.override({ settleSeconds: SETTLE_SECONDS });
  });
  after(async () => {
    await (deployed as DeployedStack | undefined)?.close();
  });

  async function beginRotation(): Promise<void> {
    standing = {
      history: await deployed.history(),
      service: await deployed.service(),
      issued: await deployed.issued(),
      outputs: JSON.stringify(await deployed.labStack.rehearsal.stack.shownOutputs()),
      file: readFileSync(deployed.file),
    };
    deployed.rotateNow();
  }

  /** P1 and P5 after a try that came to nothing: one secret more, and the service on the one that it had. */
  async function assertOnFormerSecret(): Promise<Issued> {
    const formerKeyId = standing.history.active?.keyId;
    assert.equal(await deployed.heldKeyId(), formerKeyId);
    assert(await deployed.accepted(formerKeyId));
    const fresh = await onlyFreshSecret();
    assert(fresh.acceptedNow);
    return fresh;
  }

  async function onlyFreshSecret(): Promise<Issued> {
    const known = new Set(standing.issued.map(({ keyId }) => keyId));
    const fresh = (await deployed.issued()).filter(({ keyId }) => !known.has(keyId));
    const [one] = fresh;
    assert(one !== undefined && fresh.length === 1, `${fresh.length} secrets were issued`);
    return one;
  }

  async function assertOutputsUntouched(): Promise<void> {
    const outputs = JSON.stringify(await deployed.labStack.rehearsal.stack.shownOutputs());
    assert.equal(outputs, standing.outputs);
  }

  /** The rerun: the same secret, adopted, by so many stops of the service. */
  async function assertConverges(fresh: Issued, stops: number): Promise<void> {
    const already = (await deployed.service()).stops.length;
    await deployed.labStack.up();
    assert.equal((await onlyFreshSecret()).keyId, fresh.keyId);
    const { active, inFlight } = await deployed.history();
    assert.deepEqual([active?.keyId, inFlight], [fresh.keyId, undefined]);
    assert.equal(await deployed.heldKeyId(), fresh.keyId);
    const service = await deployed.service();
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
    await deployed.labStack.rehearsal.control.host("set-service-faults", {
      dieAfterStartMs: DIES_AFTER_MS,
    });
    const { starts } = await deployed.service();
    const update = deployed.failingUp();
    const hasStarted = async (): Promise<boolean> => (await deployed.service()).starts > starts;
    await Promise.all([
      update,
      until("the start with the new secret", hasStarted, E2E_TIMEOUT_MS / 1000).then(() =>
        deployed.labStack.rehearsal.control.host("set-service-faults", {}),
      ),
    ]);
    return update;
  }

  describe("when no moment is safe", () => {
    let printed: string;
    before(async () => {
      await beginRotation();
      // No next sync is ever so far away.
      deployed.override({ marginSeconds: 600, patienceSeconds: 2 });
      const length = deployed.labStack.printed.length;
      await deployed.labStack.up();
      printed = deployed.labStack.printed.slice(length);
    });

    it("is a success to the engine and says why it waits", async () => {
      const consumer = await deployed.consumerOutput();
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
      assert.deepEqual(readFileSync(deployed.file), standing.file);
      await assertOnFormerSecret();
      const { stops, failedSyncs } = await deployed.service();
      assert.deepEqual([stops.length, failedSyncs], [standing.service.stops.length, 0]);
    });

    it("records the epoch in flight beside the active one", async () => {
      const { active, inFlight } = await deployed.history();
      assert.equal(active?.keyId, standing.history.active?.keyId);
      assert.equal(inFlight?.keyId, (await onlyFreshSecret()).keyId);
    });

    it("tries again in the next run, with the attempt raised and no other secret", async () => {
      await deployed.labStack.up();
      assert.match(String(await deployed.labStack.rehearsal.output("reason")), /attempt 2;/);
      assert.equal(deployed.report().attempt, "2");
      assert.equal((await deployed.service()).stops.length, standing.service.stops.length);
    });

    it("adopts the same secret by one restart once a moment is safe", async () => {
      deployed.override({ marginSeconds: 2, patienceSeconds: 60 });
      await assertConverges(await onlyFreshSecret(), 1);
    });
  });

  describe("when the host refuses", () => {
    let output: string;
    before(async () => {
      await beginRotation();
      chmodSync(deployed.file, 0o440);
      output = await deployed.failingUp();
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
      assert.deepEqual(readFileSync(deployed.file), standing.file);
      const { stops, failedSyncs } = await deployed.service();
      assert.deepEqual([stops.length, failedSyncs], [standing.service.stops.length, 0]);
    });

    it("is looked at again by the next run before that one's update runs, under the same attempt", async () => {
      assert((await deployed.labStack.changes("preview")).includes(LOOK));
    });

    it("is told by the look that others may write where the script lies, and nothing is carried there", async () => {
      const { home } = await deployed.labStack.rehearsal.control.hostAccess();
      const folder = join(home, "keyturn");
      const report = deployed.state("report");
      chmodSync(folder, 0o777);
      output = await deployed.failingUp();
      chmodSync(folder, 0o755);
      assert.match(
        output,
        /must keep the update script where nobody else may write, but its folder there is drwxrwxrwx /,
      );
      assert.doesNotMatch(output, /status 20/);
      assert.equal(deployed.state("report"), report);
    });

    it("adopts the same secret by one restart once the cause is gone", async () => {
      chmodSync(deployed.file, 0o640);
      await assertConverges(await onlyFreshSecret(), 1);
    });

    it("is looked at no more once nothing is to be done", async () => {
      await deployed.labStack.up({ expectNoChanges: true });
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
      assert.deepEqual(readFileSync(deployed.file), standing.file);
      assert.equal(deployed.report().restoredCount, 1);
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
      stops = (await deployed.service()).stops.length;
    });

    it("says so in the next run and does not stop the service again", async () => {
      assertSeen(
        await deployed.failingUp(),
        /^keyturn: Key id \S+ was restored from twice and is not tried again by itself\. See \/.*report and the service's log; when the cause is gone, raise the retry counter in the config\.$/,
      );
      assert.equal((await deployed.service()).stops.length, stops);
      await assertOutputsUntouched();
      await assertOnFormerSecret();
    });

    it("goes on with the same secret once the config's retry counter is raised", async () => {
      deployed.consumer(["retry"], 1);
      await assertConverges(await onlyFreshSecret(), 1);
    });
  });

  describe("when the service cannot be started any more", () => {
    let output: string;
    before(async () => {
      await beginRotation();
      deployed.override({ startTimeoutSeconds: 3 });
      await deployed.labStack.rehearsal.control.host("set-service-faults", { disabled: true });
      output = await deployed.failingUp();
    });

    it("says that it needs hands, what is wrong and each step", () => {
      assertSeen(
        output,
        /^keyturn: Needs hands: the update failed \(the service did not run within 3 seconds of its start\), and putting the former state back failed too: the service did not run within 3 seconds of its start\. On the host: \(1\) \S+ stop sesar \(2\) cp -a '\/.*\/backup' '\/.*' \(3\) \S+ start sesar \(4\) see that it runs, then run again\. Until it runs the dead-man switch asks for its start again, for \d+ seconds at most\.$/,
      );
      assert.match(output, /Process exited with status 22/);
    });

    it("leaves the former file in place, the journal open, and the last good run's outputs untouched", async () => {
      await assertOutputsUntouched();
      assert.deepEqual(readFileSync(deployed.file), standing.file);
      assert.match(deployed.state("journal"), /^phase restoring /m);
      assert.equal((await deployed.service()).state, "stopped");
      assert(await deployed.accepted(standing.history.active?.keyId));
    });

    it("runs on the former secret again by the steps that it names", async () => {
      await deployed.labStack.rehearsal.control.host("set-service-faults", {});
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
      const { stops } = await deployed.service();
      await deployed.labStack.up({ expectNoChanges: true });
      assert.equal((await deployed.service()).stops.length, stops.length);
    });

    it("has printed no secret", async () => {
      const secrets = await deployed.labStack.rehearsal.control.secretValues();
      assert(secrets.length >= 5);
      assert.deepEqual(leaksIn("printed", deployed.labStack.printed, secrets), []);
    });
  });
});
