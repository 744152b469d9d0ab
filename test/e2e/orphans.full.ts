// The engine is killed between Entra's answer and the state: the value is lost and the secret is an orphan. It is listed,
// called nobody's only once the sign-in log and the host show it, told apart from a secret that somebody else made, and does
// not get more than one companion.
import assert from "node:assert/strict";
import { DEPLOYER_CLIENT_ID } from "../../packages/lab/cloud/seed";
import type { UnknownSecret } from "../../src/decide/inventory";
import { E2E_TIMEOUT_MS } from "../helpers/lab-stack";
import { Engine, converge } from "../helpers/engine";
import { type Issued, DeployedStack } from "../helpers/deployed-stack";
import { leaksIn } from "../helpers/leaks";
import { until } from "../helpers/until";

/** Between Entra's answer and the state the provider looks for the secret five times; each look is held up so long. */
const LOOK_MS = 700;
const ISSUE_DEADLINE_MS = 90_000;

describe("an engine that is killed between Entra's answer and the state", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let deployed: DeployedStack;
  let clientId: string;
  before(async () => {
    deployed = await DeployedStack.open();
    const role = "AuditLog.Read.All";
    await deployed.labStack.rehearsal.control.directory("grant-role", {
      clientId: DEPLOYER_CLIENT_ID,
      role,
    });
    clientId = String(await deployed.labStack.rehearsal.output("clientId"));
  });
  after(() => deployed.close());

  const secretsOf = async (output: "orphans" | "foreignSecrets"): Promise<UnknownSecret[]> =>
    (await deployed.labStack.rehearsal.output(output)) as UnknownSecret[];

  /** A rotation whose engine is killed as soon as Entra has the secret. */
  const killWhenIssued = async (): Promise<Issued> => {
    const { control } = deployed.labStack.rehearsal;
    const before = new Set((await deployed.issued()).map(({ keyId }) => keyId));
    const fresh = async () => (await deployed.issued()).filter(({ keyId }) => !before.has(keyId));
    const rule = { server: "graph" as const, method: "GET", pathPattern: "applications" };
    await control.addFault({ ...rule, status: 0, delayMs: LOOK_MS, times: 999 });
    deployed.rotateNow();
    const engine = Engine.up(deployed);
    await until("a new secret", async () => (await fresh()).length > 0, ISSUE_DEADLINE_MS / 1000);
    engine.kill();
    await engine.ended;
    await control.clearFaults();
    const [orphan] = await fresh();
    assert(orphan !== undefined);
    assert(!(await deployed.labStack.rehearsal.stack.exportState()).includes(orphan.keyId));
    return orphan;
  };
  const assertUnharmed = async (): Promise<void> => {
    assert.equal(await deployed.heldKeyId(), (await deployed.history()).active?.keyId);
    const { failedSyncs, documentsLost } = await deployed.service();
    assert.deepEqual([failedSyncs, documentsLost], [0, 0]);
  };

  let first: Issued;
  it("leaves an orphan, and the next run goes on to the end of the rotation", async () => {
    first = await killWhenIssued();
    const steps = await converge(deployed, () => Promise.resolve());
    assert.deepEqual(steps, ["cancel"]);
    const { active } = await deployed.history();
    assert.equal(active?.label, "2026-11-g1");
    assert.notEqual(active.keyId, first.keyId);
    await assertUnharmed();
  });

  it("leaves an orphan that is not called nobody's, nor to be removed, before the log has had a day to show a use", async () => {
    await deployed.labStack.up({ expectNoChanges: true });
    const [orphan, ...more] = await secretsOf("orphans");
    assert.deepEqual([orphan?.keyId, more], [first.keyId, []]);
    assert.deepEqual([orphan?.standing, orphan?.removeWith], ["unknown", undefined]);
    assert.match(
      deployed.labStack.printed,
      /whether a service holds it is not known: .*keyturn adopt/,
    );
    assert.doesNotMatch(deployed.labStack.printed, /nobody holds|credential delete/);
  });

  it("leaves an orphan that is then listed with the command that removes it", async () => {
    await deployed.labStack.rehearsal.control.moveClock({ advance: "P1D" });
    await deployed.labStack.up({ expectNoChanges: true });
    const [orphan] = await secretsOf("orphans");
    assert.equal(
      orphan?.removeWith,
      `az ad app credential delete --id ${clientId} --key-id ${first.keyId}`,
    );
    assert.match(deployed.labStack.printed, /warning: sesar: sesar 2026-11-g1 .* is an orphan/);
  });

  it("leaves an orphan that is not taken for a secret of somebody else's", async () => {
    const { control } = deployed.labStack.rehearsal;
    const { keyId } = await control.directory("add-password", { clientId, displayName: "by hand" });
    await deployed.labStack.up({ expectNoChanges: true });
    assert.deepEqual(
      (await secretsOf("foreignSecrets")).map((one) => [one.displayName, one.keyId]),
      [["by hand", keyId]],
    );
    assert.deepEqual(
      (await secretsOf("orphans")).map((one) => one.keyId),
      [first.keyId],
    );
    assert(await deployed.accepted(first.keyId));
  });

  it("ends in a refusal that changes nothing when it happens again, until it is known who holds them", async () => {
    const second = await killWhenIssued();
    const { stops } = await deployed.service();
    const issued = (await deployed.issued()).length;
    await assert.rejects(
      converge(deployed, () => Promise.resolve()),
      (error: Error) => {
        assert.match(error.message, /the secret of 2026-11-g2 waits to be issued: 2 secrets/);
        assert(error.message.includes(`--id ${clientId} --key-id ${first.keyId}`));
        assert(error.message.includes(`keyturn adopt ${second.keyId} --label 2026-11-g2`));
        assert(!error.message.includes(`--key-id ${second.keyId}`));
        return true;
      },
    );
    assert.equal((await deployed.issued()).length, issued);
    assert.equal((await deployed.service()).stops.length, stops.length);
    await assertUnharmed();

    const { control } = deployed.labStack.rehearsal;
    for (const { keyId } of [first, second]) {
      await control.directory("remove-password", { clientId, keyId });
    }
    await deployed.labStack.up();
    assert.equal((await deployed.history()).active?.label, "2026-11-g2");
    assert.deepEqual(await secretsOf("orphans"), []);
    assert.equal((await secretsOf("foreignSecrets")).length, 1);
    await assertUnharmed();
  });

  it("makes nobody print a secret", async () => {
    const secrets = await deployed.labStack.rehearsal.control.secretValues();
    assert.deepEqual(leaksIn("printed", deployed.labStack.printed, secrets), []);
  });
});
