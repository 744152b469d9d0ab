// A password that somebody deletes in the portal: said by the next run, found by a refresh, issued again within the same
// epoch, and the service moved to it. Until then the service's sign-ins fail: that is the deletion's doing.
import assert from "node:assert/strict";
import { E2E_TIMEOUT_MS } from "./harness";
import { Stage } from "./host/stage";
import { leaksIn } from "./leaks";

const ISSUED_AGAIN = ["create sesar-2026-11-password", "update sesar-client-secret-secret"];

describe("a password that is deleted in the portal", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let stage: Stage;
  let clientId: string;
  before(async () => {
    stage = await Stage.open();
    clientId = String(await stage.scene.rehearsal.output("clientId"));
  });
  after(() => stage.close());

  const remove = async (keyId: string | undefined): Promise<void> => {
    assert(keyId !== undefined);
    await stage.scene.rehearsal.control.directory("remove-password", { clientId, keyId });
  };
  const living = async (): Promise<(string | null)[]> =>
    (await stage.issued())
      .filter(({ acceptedNow }) => acceptedNow)
      .map(({ displayName }) => displayName);
  const output = (name: string): Promise<unknown> => stage.scene.rehearsal.output(name);

  it("is named by the next run, which changes nothing", async () => {
    const { active } = await stage.history();
    await remove(active?.keyId);
    await stage.scene.up({ expectNoChanges: true });
    assert.match(
      String(await output("reason")),
      /; the secret of 2026-11 is gone from Entra; run with --refresh$/,
    );
    const [note] = (await output("notes")) as string[];
    assert.match(String(note), new RegExp(`\\(key id ${active?.keyId}\\)`));
    assert.match(stage.scene.printed, /warning: .*somebody removed it/);
  });

  it("is found by a run with a refresh, issued again within its epoch, and the service is moved", async () => {
    const before = await stage.history();
    const changes = await stage.scene.changes("up", { refresh: true });
    for (const change of ISSUED_AGAIN) assert(changes.includes(change), changes.join("\n"));
    const after = await stage.history();
    assert.equal(after.active?.label, "2026-11");
    assert.notEqual(after.active.keyId, before.active?.keyId);
    assert.deepEqual(await living(), ["sesar 2026-11"]);
    assert.equal(await stage.heldKeyId(), after.active.keyId);
    assert.deepEqual(await output("notes"), []);
    assert.match(String(await output("reason")), /^sesar: 2026-11 is adopted, next rotation/);
  });

  it("costs the syncs between the deletion and that run, no document, and none after it", async () => {
    const { failedSyncs, documentsLost, stops } = await stage.service();
    assert(failedSyncs > 0);
    assert.equal(documentsLost, 0);
    assert(stops.every(({ midSync }) => !midSync));
    await stage.scene.up({ expectNoChanges: true });
    await stage.heldKeyId();
    assert.equal((await stage.service()).failedSyncs, failedSyncs);
  });

  it("is not issued again by a run with a refresh when it was only retiring", async () => {
    await stage.scene.rehearsal.goTo("2027-05-01");
    await stage.scene.up();
    const { retiring, active } = await stage.history();
    await remove(retiring[0]?.keyId);
    const changes = await stage.scene.changes("up", { refresh: true });
    const made = changes.filter((change) => !change.startsWith("refresh "));
    assert.deepEqual(made, ["delete sesar-2026-11"]);
    assert.deepEqual(await living(), ["sesar 2027-05"]);
    const after = await stage.history();
    assert.deepEqual([after.active?.keyId, after.retiring], [active?.keyId, []]);
  });

  it("makes a run after a refresh say that the secret in use is issued again", async () => {
    const { active } = await stage.history();
    await remove(active?.keyId);
    await stage.scene.refresh();
    await stage.scene.up();
    assert.match(stage.scene.printed, /sesar: 2027-05 is gone from Entra and is issued again/);
    assert.equal(await stage.heldKeyId(), (await stage.history()).active?.keyId);
    assert.deepEqual(await living(), ["sesar 2027-05"]);
  });

  it("makes nobody print a secret", async () => {
    const secrets = await stage.scene.rehearsal.control.secretValues();
    assert.deepEqual(leaksIn("printed", stage.scene.printed, secrets), []);
  });
});
