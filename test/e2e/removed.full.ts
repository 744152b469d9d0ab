// A password that somebody deletes in the portal: said by the next run, found by a refresh, issued again within the same
// epoch, and the service moved to it. Until then the service's sign-ins fail: that is the deletion's doing.
import assert from "node:assert/strict";
import { E2E_TIMEOUT_MS } from "../helpers/lab-stack";
import { DeployedStack } from "../helpers/deployed-stack";
import { leaksIn } from "../helpers/leaks";

const ISSUED_AGAIN = ["create sesar-2026-11-password", "update sesar-client-secret-secret"];

describe("a password that is deleted in the portal", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let deployed: DeployedStack;
  let clientId: string;
  before(async () => {
    deployed = await DeployedStack.open();
    clientId = String(await deployed.labStack.rehearsal.output("clientId"));
  });
  after(() => deployed.close());

  const remove = async (keyId: string | undefined): Promise<void> => {
    assert(keyId !== undefined);
    await deployed.labStack.rehearsal.control.directory("remove-password", { clientId, keyId });
  };
  const living = async (): Promise<(string | null)[]> =>
    (await deployed.issued())
      .filter(({ acceptedNow }) => acceptedNow)
      .map(({ displayName }) => displayName);
  const output = (name: string): Promise<unknown> => deployed.labStack.rehearsal.output(name);

  it("is named by the next run, which changes nothing", async () => {
    const { active } = await deployed.history();
    await remove(active?.keyId);
    await deployed.labStack.up({ expectNoChanges: true });
    assert.match(
      String(await output("reason")),
      /; the secret of 2026-11 is gone from Entra; run with --refresh$/,
    );
    const [note] = (await output("notes")) as string[];
    assert.match(String(note), new RegExp(`\\(key id ${active?.keyId}\\)`));
    assert.match(deployed.labStack.printed, /warning: .*somebody removed it/);
  });

  it("is found by a run with a refresh, issued again within its epoch, and the service is moved", async () => {
    const before = await deployed.history();
    const changes = await deployed.labStack.changes("up", { refresh: true });
    for (const change of ISSUED_AGAIN) assert(changes.includes(change), changes.join("\n"));
    const after = await deployed.history();
    assert.equal(after.active?.label, "2026-11");
    assert.notEqual(after.active.keyId, before.active?.keyId);
    assert.deepEqual(await living(), ["sesar 2026-11"]);
    assert.equal(await deployed.heldKeyId(), after.active.keyId);
    assert.deepEqual(await output("notes"), []);
    assert.match(String(await output("reason")), /^sesar: 2026-11 is adopted, next rotation/);
  });

  it("costs the syncs between the deletion and that run, no document, and none after it", async () => {
    const { failedSyncs, documentsLost, stops } = await deployed.service();
    assert(failedSyncs > 0);
    assert.equal(documentsLost, 0);
    assert(stops.every(({ midSync }) => !midSync));
    await deployed.labStack.up({ expectNoChanges: true });
    await deployed.heldKeyId();
    assert.equal((await deployed.service()).failedSyncs, failedSyncs);
  });

  it("is not issued again by a run with a refresh when it was only retiring", async () => {
    await deployed.labStack.rehearsal.goTo("2027-05-01");
    await deployed.labStack.up();
    const { retiring, active } = await deployed.history();
    await remove(retiring[0]?.keyId);
    const changes = await deployed.labStack.changes("up", { refresh: true });
    const made = changes.filter((change) => !change.startsWith("refresh "));
    assert.deepEqual(made, ["delete sesar-2026-11"]);
    assert.deepEqual(await living(), ["sesar 2027-05"]);
    const after = await deployed.history();
    assert.deepEqual([after.active?.keyId, after.retiring], [active?.keyId, []]);
  });

  it("makes a run after a refresh say that the secret in use is issued again", async () => {
    const { active } = await deployed.history();
    await remove(active?.keyId);
    await deployed.labStack.refresh();
    await deployed.labStack.up();
    assert.match(
      deployed.labStack.printed,
      /sesar: 2027-05 is gone from Entra and is issued again/,
    );
    assert.equal(await deployed.heldKeyId(), (await deployed.history()).active?.keyId);
    assert.deepEqual(await living(), ["sesar 2027-05"]);
  });

  it("touches no host when another tool dropped it before it was adopted, and a refresh issues it again", async () => {
    deployed.rotateNow();
    deployed.override({ marginSeconds: 600, patienceSeconds: 2 });
    await deployed.labStack.up();
    const { active, inFlight } = await deployed.history();
    const { starts } = await deployed.service();
    await remove(inFlight?.keyId);
    deployed.override({ marginSeconds: 1, patienceSeconds: 60 });
    assert.match(
      await deployed.failingUp(),
      /the secret of 2027-05-g1 .* is not brought to sesar.*Run with --refresh/,
    );
    assert.equal((await deployed.service()).starts, starts);
    assert.equal(await deployed.heldKeyId(), active?.keyId);
    await deployed.labStack.up({ refresh: true });
    const after = await deployed.history();
    assert.notEqual(after.active?.keyId, inFlight?.keyId);
    assert.equal(after.active?.label, inFlight?.label);
    assert.equal(await deployed.heldKeyId(), after.active?.keyId);
    assert.equal((await deployed.service()).starts, starts + 1);
  });

  it("makes nobody print a secret", async () => {
    const secrets = await deployed.labStack.rehearsal.control.secretValues();
    assert.deepEqual(leaksIn("printed", deployed.labStack.printed, secrets), []);
  });
});
