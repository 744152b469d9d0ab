// The preset sesar from birth to removal: three epochs, a pipeline that was down for a month, and one that missed an
// epoch whole.
import assert from "node:assert/strict";
import { E2E_TIMEOUT_MS, Scene } from "../harness";
import {
  acceptedFor,
  assertStoppedBetweenSyncs,
  assertUnharmed,
  issuedFor,
  lastSignIn,
} from "../records";

const HOST = "sesar";

describe("the preset sesar over three epochs", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let scene: Scene;
  before(async () => {
    scene = await Scene.open({
      lab: { now: "2026-11-21T08:00:00Z" },
      // So short that a secret outlives an epoch without a run.
      config: { "keyturn:every": "P3M" },
    });
  });
  after(async () => {
    await (scene as Scene | undefined)?.close();
  });

  /** The service itself signed in last, with the active secret, after so many stops. */
  async function assertHeld(label: string, stops: number): Promise<void> {
    const { active } = await scene.history();
    assert.equal(active?.label, label);
    assert.equal(await lastSignIn(scene), active.keyId);
    assert.equal((await scene.rehearsal.service()).stops.length, stops);
  }

  const removed = async (): Promise<string[]> =>
    (await issuedFor(scene, "sesar"))
      .filter(({ removedAt }) => removedAt !== undefined)
      .map(({ keyId }) => keyId);

  it("begins with the first secret", async () => {
    await scene.up();
    await assertHeld("2026-11", 1);
  });

  it("rotates a month late after a pipeline that was down for a month", async () => {
    await scene.rehearsal.goTo("2027-03-04");
    await scene.up();
    await assertHeld("2027-02", 2);
  });

  it("keeps the former secret for the whole overlap from then on, and removes it by its key id", async () => {
    const [first] = await issuedFor(scene, "sesar");
    await scene.rehearsal.goTo("2027-03-18");
    await scene.up({ expectNoChanges: true });
    await scene.rehearsal.goTo("2027-03-19");
    await scene.up({ expectNoChanges: true });
    assert.deepEqual(await acceptedFor(scene, "sesar"), ["2026-11", "2027-02"]);
    await scene.up();
    assert.deepEqual(await acceptedFor(scene, "sesar"), ["2027-02"]);
    assert.deepEqual(await removed(), [first?.keyId]);
  });

  it("issues no secret for an epoch in which nothing ran, and rotates in the next", async () => {
    await scene.rehearsal.goTo("2027-08-10");
    await scene.up();
    await assertHeld("2027-08", 3);
    const names = (await issuedFor(scene, "sesar")).map(({ displayName }) => displayName);
    assert.deepEqual(names, ["sesar 2026-11", "sesar 2027-02", "sesar 2027-08"]);
    assert.deepEqual(await acceptedFor(scene, "sesar"), ["2027-02", "2027-08"]);
  });

  it("removes that epoch's predecessor by its key id after the overlap, too", async () => {
    const keyIds = (await issuedFor(scene, "sesar")).map(({ keyId }) => keyId);
    await scene.rehearsal.goTo("2027-08-25");
    await scene.up();
    assert.deepEqual(await acceptedFor(scene, "sesar"), ["2027-02", "2027-08"]);
    await scene.up();
    assert.deepEqual(await acceptedFor(scene, "sesar"), ["2027-08"]);
    assert.deepEqual(await removed(), keyIds.slice(0, 2));
  });

  it("has failed no sync, lost no document and leaked no secret", async () => {
    await assertStoppedBetweenSyncs(scene, [HOST]);
    await assertUnharmed("sesar", [scene], [HOST]);
  });
});
