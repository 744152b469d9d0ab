// A credential's life on the lab with the real engine, around the rotation of rotation.test.ts: the days before it, the
// overlap, mistakes, removal, destruction.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { EngineError, KeyturnStack } from "../../packages/cli/stack";
import { E2E_TIMEOUT_MS, type History, LabStack, closing } from "../helpers/lab-stack";

/** The host answers again, without a restart: in the run that releases, and in the one that removes. */
const ASKED = [
  "create-replacement sesar-sesar-script",
  "delete-replaced sesar-sesar-script",
  "replace sesar-sesar-script",
  "update sesar-sesar",
  "update sesar-sesar-command",
  "update sesar-sesar-reach",
  "update sesar-sesar-reach-command",
];

describe("a credential's life", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let labStack: LabStack;
  let first: History;
  before(async () => {
    labStack = await LabStack.open({ policy: true, lab: { now: "2026-11-21T08:00:00Z" } });
    await labStack.up();
    first = await labStack.history();
  });
  after(closing(() => labStack));

  const accepted = async (keyId: string | undefined): Promise<boolean> => {
    const { credentials } = await labStack.rehearsal.status();
    const all = credentials.flatMap((application) => application.passwords);
    return all.find((candidate) => candidate.keyId === keyId)?.acceptedNow ?? false;
  };

  it("changes nothing on the last day of the epoch", async () => {
    await labStack.rehearsal.goTo("2027-04-30");
    await labStack.up({ expectNoChanges: true });
  });

  it("does on the first day of the next epoch exactly what a preview shows", async () => {
    await labStack.rehearsal.goTo("2027-05-01");
    const changes = await labStack.changes("preview");
    assert.deepEqual(await labStack.changes("up"), changes);
    assert.equal((await labStack.history()).active?.label, "2027-05");
  });

  it("leaves the retiring secret valid until the overlap is over", async () => {
    await labStack.rehearsal.goTo("2027-05-15");
    await labStack.up({ expectNoChanges: true });
    assert(await accepted(first.active?.keyId));
  });

  for (const [standing, label, operation] of [
    ["active", "2027-05", "preview"],
    ["retiring", "2026-11", "preview"],
    ["retiring", "2026-11", "up"],
  ] as const) {
    it(`refuses in ${operation}, by name, to delete the ${standing} password when a mistake leaves it out`, async () => {
      const password = `sesar-${label}-password`;
      const mistaken = labStack.withProgram("leaving-out", {
        KEYTURN_TEST_LEAVE_OUT: password,
      });
      await assert.rejects(mistaken[operation](), (error: unknown) => {
        assert(error instanceof EngineError);
        assert.match(error.output, new RegExp(`::${password}" cannot be deleted`));
        return true;
      });
      const { credentials } = await labStack.rehearsal.status();
      const held = credentials.flatMap((application) => application.passwords);
      const ours = held.filter((one) => one.displayName?.startsWith("sesar "));
      assert(ours.length === 2 && ours.every((one) => one.acceptedNow));
    });
  }

  it("refuses a run whose clock is a month ahead, twice, and the overlap goes on", async () => {
    const ahead = await clockOf(labStack, "2027-06-15T08:00:00Z");
    try {
      for (const operation of ["up", "up", "preview"] as const) {
        await assert.rejects(
          ahead.stack[operation](),
          (error: unknown) =>
            error instanceof EngineError &&
            /The clock of this run must be within 5 minutes of Microsoft's/.test(error.output),
        );
      }
    } finally {
      await ahead.close();
    }
    assert(await accepted(first.active?.keyId));
    await labStack.up({ expectNoChanges: true });
    assert.deepEqual((await labStack.history()).released, []);
  });

  it("releases the retiring secret on the day its overlap is over, once the host was asked again, without a restart", async () => {
    await labStack.rehearsal.goTo("2027-05-16");
    assert.deepEqual(await labStack.changes("up"), ASKED);
    assert.equal((await labStack.rehearsal.service()).stops.length, 2);
    assert.deepEqual(
      (await labStack.history()).released.map(({ keyId }) => keyId),
      [first.active?.keyId],
    );
    assert(await accepted(first.active?.keyId));
  });

  it("removes the released secret in the run after that, and no other", async () => {
    assert.deepEqual(
      await labStack.changes("up"),
      ["delete sesar-2026-11", "delete sesar-2026-11-password", ...ASKED].sort(),
    );
    assert.equal((await labStack.rehearsal.service()).stops.length, 2);
    assert(!(await accepted(first.active?.keyId)));
    assert(await accepted((await labStack.history()).active?.keyId));
    assert.equal((await labStack.rehearsal.service()).failedSyncs, 0);
  });

  it("changes nothing after the removal", async () => {
    await labStack.up({ expectNoChanges: true });
  });

  it("destroys only what is not protected, and says what is left", async () => {
    await assert.rejects(labStack.destroy(), /protected/);
    await labStack.destroy({ excludeProtected: true });
    const { credentials } = await labStack.rehearsal.status();
    const clientId = String(await labStack.rehearsal.output("clientId"));
    const application = credentials.find((candidate) => candidate.clientId === clientId);
    assert(application !== undefined && application.deletedAt === undefined);
  });
});

/** The stack as it runs on a machine whose clock says another time than the lab's cloud. */
async function clockOf(
  labStack: LabStack,
  now: string,
): Promise<{ readonly stack: KeyturnStack; close(): Promise<void> }> {
  const server = createServer((_, response) => response.end(JSON.stringify({ now })));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const control = join(labStack.dir, "wrong-clock.json");
  writeFileSync(control, JSON.stringify({ url: `http://127.0.0.1:${port}`, token: "none" }));
  const { place } = labStack.rehearsal.stack;
  const environment = { ...place.environment, KEYTURN_LAB_CONTROL: control };
  return {
    stack: new KeyturnStack({ ...place, environment }),
    close: () => new Promise<void>((done) => server.close(() => done())),
  };
}
