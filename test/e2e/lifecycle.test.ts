// A credential's life on the lab with the real engine: deployment, rotation, overlap, removal, destruction.
import assert from "node:assert/strict";
import { EngineError } from "../../cli/stack";
import { E2E_TIMEOUT_MS, type History, Scene, closing } from "./harness";

const ROTATION = [
  "create sesar-2027-05",
  "create sesar-2027-05-password",
  "update sesar",
  "update sesar-client-secret",
  "update sesar-client-secret-secret",
  "update sesar-proof",
  "update sesar-proof-command",
  "update sesar-sesar",
  "update sesar-sesar-command",
  "update sesar-sesar-file",
  "update sesar-sesar-file-secret",
  "update sesar-sesar-reach-command",
];

describe("a credential's life", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let scene: Scene;
  let first: History;
  before(async () => {
    scene = await Scene.open({ lab: { now: "2026-11-21T08:00:00Z" } });
  });
  after(closing(() => scene));

  const signInsOf = async (keyId: string | undefined): Promise<number> => {
    const { credentials } = await scene.rehearsal.status();
    const password = credentials
      .flatMap((application) => application.passwords)
      .find((candidate) => candidate.keyId === keyId);
    return password?.signIns ?? 0;
  };
  const accepted = async (keyId: string | undefined): Promise<boolean> => {
    const { credentials } = await scene.rehearsal.status();
    const all = credentials.flatMap((application) => application.passwords);
    return all.find((candidate) => candidate.keyId === keyId)?.acceptedNow ?? false;
  };

  it("begins with a service that is proven on the first secret, in one restart", async () => {
    await scene.up();
    first = await scene.history();
    assert.equal(first.active?.label, "2026-11");
    assert(await accepted(first.active.keyId));
    const service = await scene.rehearsal.service();
    assert.equal(service.encrypted, true);
    assert.equal(service.stops.length, 1);
    assert.equal(service.state, "running");
    assert((await signInsOf(first.active.keyId)) > 0);
  });

  it("keeps the value in the vault with the password's own end date", async () => {
    const { vaults } = await scene.rehearsal.status();
    const secrets = vaults.flatMap((vault) => vault.secrets);
    const stored = secrets.find((secret) => secret.name === "sesar-client-secret");
    const version = stored?.versions.at(-1);
    assert.equal(version?.expires, "2027-11-01T00:00:00.000Z");
    assert.equal(version.tags["keyId"], first.active?.keyId);
    assert.equal(version.tags["epoch"], "2026-11");
  });

  it("changes nothing in a second run, and says how long until the rotation", async () => {
    await scene.up({ expectNoChanges: true });
    assert.match(String(await scene.rehearsal.output("reason")), /^sesar: 161 days until rotation/);
    assert.match(scene.printed, /not rotated: sesar: 161 days until rotation/);
    assert.equal((await scene.rehearsal.service()).stops.length, 1);
  });

  it("changes nothing on the last day of the epoch", async () => {
    await scene.rehearsal.goTo("2027-04-30");
    await scene.up({ expectNoChanges: true });
  });

  it("shows exactly the rotation in a preview on the first day of the next epoch", async () => {
    await scene.rehearsal.goTo("2027-05-01");
    assert.deepEqual(await scene.changes("preview"), ROTATION);
  });

  it("puts the service on the new secret in one restart, without a failed sync or a lost document", async () => {
    assert.deepEqual(await scene.changes("up"), ROTATION);
    const { active, retiring } = await scene.history();
    assert.equal(active?.label, "2027-05");
    assert.deepEqual(
      retiring.map(({ keyId }) => keyId),
      [first.active?.keyId],
    );
    const service = await scene.rehearsal.service();
    assert.equal(service.stops.length, 2);
    assert.equal(service.failedSyncs, 0);
    assert.equal(service.documentsLost, 0);
    assert(service.stops.every((stop) => !stop.midSync));
    const clientId = String(await scene.rehearsal.output("clientId"));
    const signIns = await scene.rehearsal.control.signIns(clientId);
    assert.equal(signIns.at(-1)?.keyId, active.keyId);
  });

  it("leaves the retiring secret valid until the overlap is over", async () => {
    await scene.rehearsal.goTo("2027-05-15");
    await scene.up({ expectNoChanges: true });
    assert(await accepted(first.active?.keyId));
  });

  for (const [standing, label, operation] of [
    ["active", "2027-05", "preview"],
    ["retiring", "2026-11", "preview"],
    ["retiring", "2026-11", "up"],
  ] as const) {
    it(`refuses in ${operation}, by name, to delete the ${standing} password when a mistake leaves it out`, async () => {
      const password = `sesar-${label}-password`;
      const mistaken = await scene.withProgram("leaving-out", { KEYTURN_TEST_LEAVE_OUT: password });
      await assert.rejects(mistaken[operation](), (error: unknown) => {
        assert(error instanceof EngineError);
        assert.match(error.output, new RegExp(`::${password}" cannot be deleted`));
        return true;
      });
      const { credentials } = await scene.rehearsal.status();
      const held = credentials.flatMap((application) => application.passwords);
      const ours = held.filter((one) => one.displayName?.startsWith("sesar "));
      assert(ours.length === 2 && ours.every((one) => one.acceptedNow));
    });
  }

  it("releases the retiring secret on the day its overlap is over, without a change of any resource", async () => {
    await scene.rehearsal.goTo("2027-05-16");
    await scene.up({ expectNoChanges: true });
    assert.deepEqual(
      (await scene.history()).released.map(({ keyId }) => keyId),
      [first.active?.keyId],
    );
    assert(await accepted(first.active?.keyId));
  });

  it("removes the released secret in the run after that, and no other", async () => {
    assert.deepEqual(await scene.changes("up"), [
      "delete sesar-2026-11",
      "delete sesar-2026-11-password",
    ]);
    assert(!(await accepted(first.active?.keyId)));
    assert(await accepted((await scene.history()).active?.keyId));
    assert.equal((await scene.rehearsal.service()).failedSyncs, 0);
  });

  it("changes nothing after the removal", async () => {
    await scene.up({ expectNoChanges: true });
  });

  it("destroys only what is not protected, and says what is left", async () => {
    await assert.rejects(scene.destroy(), /protected/);
    await scene.destroy({ excludeProtected: true });
    const { credentials } = await scene.rehearsal.status();
    const clientId = String(await scene.rehearsal.output("clientId"));
    const application = credentials.find((candidate) => candidate.clientId === clientId);
    assert(application !== undefined && application.deletedAt === undefined);
  });
});
