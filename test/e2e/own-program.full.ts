// The components in somebody's own program: other names, other outputs, other resources beside them.
import assert from "node:assert/strict";
import { join } from "node:path";
import { E2E_TIMEOUT_MS, type History, LabStack } from "../helpers/lab-stack";
import { acceptedFor, assertUnharmed } from "../helpers/records";
import { CLONE } from "../helpers/paths";

const MAIN = join(CLONE, "dist", "test", "e2e", "programs", "own.js");

describe("the components in a program of one's own", function () {
  this.timeout(E2E_TIMEOUT_MS);
  let labStack: LabStack;
  let mascot: unknown;
  before(async () => {
    labStack = await LabStack.open({
      policy: true,
      main: MAIN,
      lab: { now: "2026-11-21T08:00:00Z" },
    });
  });
  after(async () => {
    await (labStack as LabStack | undefined)?.close();
  });

  const history = async (): Promise<History> =>
    (await labStack.rehearsal.output("mailHistory")) as History;

  it("put the service on a secret of its own name and schedule, beside what else is declared", async () => {
    await labStack.up();
    assert.equal((await history()).active?.label, "2026-11");
    assert.deepEqual(await acceptedFor(labStack, "archive-mail"), ["2026-11"]);
    const { instances, stops } = await labStack.rehearsal.service();
    assert.equal(instances[0]?.clientId, await labStack.rehearsal.output("mailClientId"));
    assert.equal(stops.length, 1);
    mascot = await labStack.rehearsal.output("mascot");
    assert.match(String(mascot), /^\w+-\w+$/);
    assert.equal(await labStack.rehearsal.output("history"), undefined);
  });

  it("change nothing in a second run", async () => {
    await labStack.up({ expectNoChanges: true });
  });

  it("rotate the secret and touch nothing else of the program", async () => {
    await labStack.rehearsal.goTo("2027-02-01");
    const changes = await labStack.changes("up");
    assert(changes.includes("create archive-mail-2027-02-password"), changes.join());
    assert(
      changes.every((change) => / archive-mail(-|$)/.test(change)),
      changes.join(),
    );
    assert.deepEqual(await acceptedFor(labStack, "archive-mail"), ["2026-11", "2027-02"]);
    assert.equal(await labStack.rehearsal.output("mascot"), mascot);
    assert.match(
      String(await labStack.rehearsal.output("mailReason")),
      /^archive-mail: 2027-02 is/,
    );
    await assertUnharmed("own program", [labStack], ["sesar"]);
  });
});
