// The preset sesar from birth to removal: three epochs, a pipeline that was down for a month, and one that missed an
// epoch whole.
import assert from "node:assert/strict";
import { E2E_TIMEOUT_MS, LabStack } from "../../helpers/lab-stack";
import {
  acceptedFor,
  assertStoppedBetweenSyncs,
  assertUnharmed,
  issuedFor,
  lastSignIn,
} from "../../helpers/records";

const HOST = "sesar";

describe("the preset sesar over three epochs", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let labStack: LabStack;
  before(async () => {
    labStack = await LabStack.open({
      policy: true,
      lab: { now: "2026-11-21T08:00:00Z" },
      // So short that a secret outlives an epoch without a run.
      config: { "keyturn:every": "P3M" },
    });
  });
  after(async () => {
    await (labStack as LabStack | undefined)?.close();
  });

  /** The service itself signed in last, with the active secret, after so many stops. */
  async function assertHeld(label: string, stops: number): Promise<void> {
    const { active } = await labStack.history();
    assert.equal(active?.label, label);
    assert.equal(await lastSignIn(labStack), active.keyId);
    assert.equal((await labStack.rehearsal.service()).stops.length, stops);
  }

  const removed = async (): Promise<string[]> =>
    (await issuedFor(labStack, "sesar"))
      .filter(({ removedAt }) => removedAt !== undefined)
      .map(({ keyId }) => keyId);

  it("begins with the first secret", async () => {
    await labStack.up();
    await assertHeld("2026-11", 1);
  });

  it("rotates a month late after a pipeline that was down for a month", async () => {
    await labStack.rehearsal.goTo("2027-03-04");
    await labStack.up();
    await assertHeld("2027-02", 2);
  });

  it("keeps the former secret for the whole overlap from then on, and removes it by its key id", async () => {
    const [first] = await issuedFor(labStack, "sesar");
    await labStack.rehearsal.goTo("2027-03-18");
    await labStack.up({ expectNoChanges: true });
    await labStack.rehearsal.goTo("2027-03-19");
    await labStack.up();
    assert.deepEqual(await acceptedFor(labStack, "sesar"), ["2026-11", "2027-02"]);
    await labStack.up();
    assert.deepEqual(await acceptedFor(labStack, "sesar"), ["2027-02"]);
    assert.deepEqual(await removed(), [first?.keyId]);
  });

  it("issues no secret for an epoch in which nothing ran, and rotates in the next", async () => {
    await labStack.rehearsal.goTo("2027-08-10");
    await labStack.up();
    await assertHeld("2027-08", 3);
    const names = (await issuedFor(labStack, "sesar")).map(({ displayName }) => displayName);
    assert.deepEqual(names, ["sesar 2026-11", "sesar 2027-02", "sesar 2027-08"]);
    assert.deepEqual(await acceptedFor(labStack, "sesar"), ["2027-02", "2027-08"]);
  });

  it("removes that epoch's predecessor by its key id after the overlap, too", async () => {
    const keyIds = (await issuedFor(labStack, "sesar")).map(({ keyId }) => keyId);
    await labStack.rehearsal.goTo("2027-08-25");
    await labStack.up();
    assert.deepEqual(await acceptedFor(labStack, "sesar"), ["2027-02", "2027-08"]);
    await labStack.up();
    assert.deepEqual(await acceptedFor(labStack, "sesar"), ["2027-08"]);
    assert.deepEqual(await removed(), keyIds.slice(0, 2));
  });

  it("has failed no sync, lost no document and leaked no secret", async () => {
    await assertStoppedBetweenSyncs(labStack, [HOST]);
    await assertUnharmed("sesar", [labStack], [HOST]);
  });
});
