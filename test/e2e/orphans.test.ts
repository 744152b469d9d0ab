// The engine is killed between Entra's answer and the state: the value is lost and the secret is an orphan. It is listed,
// told apart from a secret that somebody else made, and does not get more than one companion.
import assert from "node:assert/strict";
import { until } from "../../cli/until";
import type { ReportedSecret } from "../../components/pure/inventory";
import { E2E_TIMEOUT_MS } from "./harness";
import { Engine, converge } from "./host/engine";
import { type Issued, Stage } from "./host/stage";
import { leaksIn } from "./leaks";

/** Between Entra's answer and the state the provider looks for the secret five times; each look is held up so long. */
const LOOK_MS = 700;
const ISSUE_DEADLINE_MS = 90_000;

describe("an engine that is killed between Entra's answer and the state", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let stage: Stage;
  let clientId: string;
  before(async () => {
    stage = await Stage.open();
    clientId = String(await stage.scene.rehearsal.output("clientId"));
  });
  after(() => stage.close());

  const secretsOf = async (output: "orphans" | "foreignSecrets"): Promise<ReportedSecret[]> =>
    (await stage.scene.rehearsal.output(output)) as ReportedSecret[];

  /** A rotation whose engine is killed as soon as Entra has the secret. */
  const killWhenIssued = async (): Promise<Issued> => {
    const { control } = stage.scene.rehearsal;
    const before = new Set((await stage.issued()).map(({ keyId }) => keyId));
    const fresh = async () => (await stage.issued()).filter(({ keyId }) => !before.has(keyId));
    const rule = { server: "graph" as const, method: "GET", pathPattern: "applications" };
    await control.addFault({ ...rule, status: 0, delayMs: LOOK_MS, times: 999 });
    stage.rotateNow();
    const engine = await Engine.up(stage);
    await until(async () => (await fresh()).length > 0, ISSUE_DEADLINE_MS, "a new secret");
    engine.kill();
    await engine.ended;
    await control.clearFaults();
    const [orphan] = await fresh();
    assert(orphan !== undefined);
    assert(!(await stage.scene.rehearsal.stack.exportState()).includes(orphan.keyId));
    return orphan;
  };
  const assertUnharmed = async (): Promise<void> => {
    assert.equal(await stage.heldKeyId(), (await stage.history()).active?.keyId);
    const { failedSyncs, documentsLost } = await stage.service();
    assert.deepEqual([failedSyncs, documentsLost], [0, 0]);
  };

  let first: Issued;
  it("leaves an orphan, and the next run goes on to the end of the rotation", async () => {
    first = await killWhenIssued();
    const steps = await converge(stage, () => Promise.resolve());
    assert.deepEqual(steps, ["cancel"]);
    const { active } = await stage.history();
    assert.equal(active?.label, "2026-11-g1");
    assert.notEqual(active.keyId, first.keyId);
    await assertUnharmed();
  });

  it("leaves an orphan that is listed with the command that removes it", async () => {
    const [orphan, ...more] = await secretsOf("orphans");
    assert.deepEqual([orphan?.keyId, more], [first.keyId, []]);
    assert.equal(
      orphan?.removeWith,
      `az ad app credential delete --id ${clientId} --key-id ${first.keyId}`,
    );
    assert.match(stage.scene.printed, /warning: sesar: sesar 2026-11-g1 .* is an orphan/);
  });

  it("leaves an orphan that is not taken for a secret of somebody else's", async () => {
    const { control } = stage.scene.rehearsal;
    const { keyId } = await control.directory("add-password", { clientId, displayName: "by hand" });
    await stage.scene.up({ expectNoChanges: true });
    assert.deepEqual(
      (await secretsOf("foreignSecrets")).map((one) => [one.displayName, one.keyId]),
      [["by hand", keyId]],
    );
    assert.deepEqual(
      (await secretsOf("orphans")).map((one) => one.keyId),
      [first.keyId],
    );
    assert(await stage.accepted(first.keyId));
  });

  it("ends in a refusal that changes nothing when it happens again, until the orphans are removed", async () => {
    const second = await killWhenIssued();
    const { stops } = await stage.service();
    const issued = (await stage.issued()).length;
    await assert.rejects(
      converge(stage, () => Promise.resolve()),
      (error: Error) => {
        assert.match(error.message, /no secret may be issued for 2026-11-g2 .* 2 orphans/);
        for (const { keyId } of [first, second]) {
          assert(error.message.includes(`--id ${clientId} --key-id ${keyId}`));
        }
        return true;
      },
    );
    assert.equal((await stage.issued()).length, issued);
    assert.equal((await stage.service()).stops.length, stops.length);
    await assertUnharmed();

    const { control } = stage.scene.rehearsal;
    for (const { keyId } of [first, second]) {
      await control.directory("remove-password", { clientId, keyId });
    }
    await stage.scene.up();
    assert.equal((await stage.history()).active?.label, "2026-11-g2");
    assert.deepEqual(await secretsOf("orphans"), []);
    assert.equal((await secretsOf("foreignSecrets")).length, 1);
    await assertUnharmed();
  });

  it("makes nobody print a secret", async () => {
    const secrets = await stage.scene.rehearsal.control.secretValues();
    assert.deepEqual(leaksIn("printed", stage.scene.printed, secrets), []);
  });
});
