// Several instances in one service's file: one credential for all of them, one chosen by its client id, and a second
// writer, who is refused: by its own count, or on the host when that count is wrong.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { E2E_TIMEOUT_MS, LabStack } from "../../helpers/lab-stack";
import {
  assertInTurn,
  assertStoppedBetweenSyncs,
  assertUnharmed,
  stopsOf,
} from "../../helpers/records";

const HOSTS = ["office", "branch"];

describe("a service with two instances in its file", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let shared: LabStack;
  let branch: LabStack;
  let rival: LabStack;
  before(async () => {
    shared = await LabStack.open({
      lab: { now: "2026-11-21T08:00:00Z", hosts: HOSTS, instances: ["Sales", "Legal"] },
      consumers: { office: "office" },
      config: { "keyturn:overrides": { host: { ownInstances: 2 } } },
    });
  });
  after(async () => {
    await (shared as LabStack | undefined)?.close();
  });

  const config = (name: string, host: Readonly<Record<string, unknown>>) => ({
    "keyturn:name": name,
    "keyturn:vaultCreate": false,
    "keyturn:overrides": {
      applicationName: `SESAR ${name}`,
      licenceGroup: "",
      licenceMembers: [],
      host,
    },
  });
  /** A stack that rotates the second of two instances on `branch`, and counts the first as changed by hand. */
  const oneOfTwo = (name: string): Promise<LabStack> =>
    shared.beside(name, {
      consumers: { branch: "branch" },
      config: config(name, { otherInstances: 1 }),
    });
  /** Puts the client id that a refused run has named into the stack's copy of the file. */
  const giveClientId = async (labStack: LabStack, printed: string): Promise<void> => {
    const clientId = /0 of them beside AzureAD_ClientId (\S+)\. Exactly one/.exec(printed)?.[1];
    assert(clientId !== undefined, printed);
    const { installationFile } = (await shared.rehearsal.control.hostAccess("branch")).service;
    const given = JSON.parse(installationFile) as { instances: { AzureAD_ClientId: string }[] };
    const [, legal] = given.instances;
    assert(legal !== undefined);
    legal.AzureAD_ClientId = clientId;
    const text = JSON.stringify(given, undefined, 2);
    await labStack.rehearsal.stack.setSecret("keyturn:consumerSecrets.branch.file", text);
  };
  const instancesOn = async (host: string) => (await shared.rehearsal.service(host)).instances;

  it("puts both on a credential that they share, in one restart between the syncs of both", async () => {
    for (const day of ["2026-11-22", "2027-05-01"]) {
      await shared.rehearsal.goTo(day);
      const before = await stopsOf(shared, ["office"]);
      await shared.up();
      await assertInTurn(shared, ["office"], before);
      const clientId = await shared.rehearsal.output("clientId");
      const [sales, legal] = await instancesOn("office");
      assert.deepEqual([sales?.clientId, legal?.clientId], [clientId, clientId]);
      assert.equal(sales?.secretHint, legal?.secretHint);
    }
  });

  it("refuses a second stack that would write the same file, before anything is changed, and says the ways out", async () => {
    const file = readFileSync((await shared.rehearsal.service("office")).instancePath);
    const second = await shared.beside("second", {
      consumers: { office: "office" },
      config: config("second", {}),
    });
    const printed = await second.failingUp();
    assert.match(printed, /consumerSecrets\.office\.file holds AzureAD_Secret 2 times/);
    assert.match(printed, /One that another stack rotates must not be in it/);
    const service = await shared.rehearsal.service("office");
    assert.deepEqual(readFileSync(service.instancePath), file);
    assert.equal(service.stops.length, 2);
    const { credentials } = await shared.rehearsal.status();
    assert(!credentials.some(({ displayName }) => displayName === "SESAR second"));
  });

  it("names the client id when no instance has it yet, and hands nothing over", async () => {
    branch = await oneOfTwo("branch");
    const printed = await branch.failingUp();
    assert.equal((await shared.rehearsal.service("branch")).stops.length, 0);
    await giveClientId(branch, printed);
  });

  it("puts the instance with that client id on the secret, and leaves the other as the copy says", async () => {
    const before = await stopsOf(shared, ["branch"]);
    await branch.up();
    await assertInTurn(branch, ["branch"], before);
    const [sales, legal] = await instancesOn("branch");
    assert.deepEqual([sales?.clientId, sales?.secretHint], ["", null]);
    assert.equal(legal?.clientId, await branch.rehearsal.output("clientId"));
    assert.equal(legal?.secretHint?.length, 3);
  });

  it("refuses on the host a stack that counts an instance as changed by hand which another stack rotates", async () => {
    rival = await oneOfTwo("rival");
    await giveClientId(rival, await rival.failingUp());
    const before = await shared.rehearsal.service("branch");
    const file = readFileSync(before.instancePath);
    const printed = await rival.failingUp();
    assert.match(
      printed,
      /keyturn: .*instance\.json was last written by [\w-]+:branch \(file mode content\)/,
    );
    assert.match(printed, /two that write one file undo each other\. Give both one credential/);
    const after = await shared.rehearsal.service("branch");
    assert.deepEqual(readFileSync(after.instancePath), file);
    assert.deepEqual(after.stops, before.stops);
  });

  it("goes on rotating the one that wrote it first", async () => {
    await shared.rehearsal.goTo("2027-11-01");
    const before = await stopsOf(shared, ["branch"]);
    await branch.up();
    await assertInTurn(branch, ["branch"], before);
    const { active } = await branch.history();
    assert.equal(active?.label, "2027-11");
  });

  it("has failed no sync, lost no document and leaked no secret", async () => {
    await assertStoppedBetweenSyncs(shared, HOSTS);
    await assertUnharmed("instances", [shared, branch, rival], HOSTS);
  });
});
