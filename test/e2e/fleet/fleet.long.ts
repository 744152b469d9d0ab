// Two stacks side by side on the lab, one with three hosts: one host at a time in order, stop at the first failure, and
// a failure that holds back nobody else; over three epochs with a missed run.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { E2E_TIMEOUT_MS, type History, LabStack } from "../../helpers/lab-stack";
import {
  acceptedFor,
  assertInTurn,
  assertStoppedBetweenSyncs,
  assertUnharmed,
  hintOf,
  issuedFor,
  reportOf,
  servicesOf,
  stopsOf,
} from "../../helpers/records";

const HOSTS = ["north", "centre", "south"] as const;
const ALL = [...HOSTS, "archive"];
/** Longer than the first sync takes, after which the service dies. */
const SETTLE_SECONDS = 8;

describe("two stacks side by side, one with three hosts", function () {
  this.timeout(4 * E2E_TIMEOUT_MS);
  let fleet: LabStack;
  let archive: LabStack;
  before(async () => {
    fleet = await LabStack.open({
      policy: true,
      lab: { now: "2026-11-21T08:00:00Z", hosts: ALL },
      consumers: Object.fromEntries(HOSTS.map((host) => [host, host])),
    });
    archive = await fleet.beside("archive", {
      consumers: { archive: "archive" },
      config: {
        "keyturn:name": "archive",
        "keyturn:vaultCreate": false,
        // One tenant has the licence groups once.
        "keyturn:overrides": {
          applicationName: "SESAR archive",
          licenceGroup: "",
          licenceMembers: [],
        },
      },
    });
    for (const index of HOSTS.keys()) {
      const path = ["keyturn:consumers", index, "overrides", "settleSeconds"];
      fleet.set(path, SETTLE_SECONDS);
    }
  });
  after(async () => {
    await (fleet as LabStack | undefined)?.close();
  });

  const goTo = (day: string): Promise<void> => fleet.rehearsal.goTo(day);

  describe("deployed", () => {
    it("begin with every host on its credential's first secret, one host at a time in order", async () => {
      const before = await stopsOf(fleet, HOSTS);
      await fleet.up();
      await archive.up();
      await assertInTurn(fleet, HOSTS, before);
      const hints = await Promise.all(ALL.map((host) => hintOf(fleet, host)));
      const [north, centre, south, other] = hints;
      assert.deepEqual([centre, south], [north, north]);
      assert.notEqual(other, north);
    });

    it("change nothing in a second run", async () => {
      await fleet.up({ expectNoChanges: true });
      assert.deepEqual(await stopsOf(fleet, ALL), [1, 1, 1, 1]);
    });
  });

  describe("when the second host's service does not keep running on the new secret", () => {
    let outputs: string;
    let former: string | null | undefined;
    let southFile: Buffer;
    let southReport: unknown;
    let printed: string;
    let history: History;
    before(async () => {
      await goTo("2027-05-01");
      outputs = JSON.stringify(await fleet.rehearsal.stack.shownOutputs());
      history = await fleet.history();
      former = await hintOf(fleet, "south");
      const services = await servicesOf(fleet, ALL);
      southFile = readFileSync(services["south"]?.instancePath ?? "");
      southReport = reportOf(await fleet.rehearsal.service("south"));
      const { control } = fleet.rehearsal;
      await control.host("set-service-faults", { dieBetweenSyncs: true }, "centre");
      [printed] = await Promise.all([fleet.failingUp(), archive.up()]);
    });

    it("puts that host back on the former secret and fails the run, with the host's sentence", async () => {
      assert.match(printed, /keyturn: The update failed: .* The former file is back/);
      assert.equal(reportOf(await fleet.rehearsal.service("centre")).outcome, "restored");
      assert.equal(await hintOf(fleet, "centre"), former);
    });

    it("has put the first host on the new secret, in one restart", async () => {
      assert.notEqual(await hintOf(fleet, "north"), former);
      assert.equal((await fleet.rehearsal.service("north")).stops.length, 2);
    });

    it("does not touch the third host", async () => {
      const service = await fleet.rehearsal.service("south");
      assert.equal(service.stops.length, 1);
      assert.deepEqual(readFileSync(service.instancePath), southFile);
      assert.deepEqual(reportOf(service), southReport);
    });

    it("leaves the outputs untouched and both secrets valid", async () => {
      assert.equal(JSON.stringify(await fleet.rehearsal.stack.shownOutputs()), outputs);
      assert.deepEqual(await acceptedFor(fleet, "sesar"), ["2026-11", "2027-05"]);
    });

    it("does not hold back the other stack", async () => {
      assert.equal((await archive.history()).active?.label, "2027-05");
      assert.equal((await fleet.rehearsal.service("archive")).stops.length, 2);
    });

    it("goes on with the same secret in the next run, from the failed host on, and not with the first again", async () => {
      const issued = (await issuedFor(fleet, "sesar")).map(({ keyId }) => keyId);
      const rest = HOSTS.slice(1);
      const before = await stopsOf(fleet, rest);
      await fleet.up();
      await assertInTurn(fleet, rest, before);
      assert.equal((await fleet.rehearsal.service("north")).stops.length, 2);
      assert.deepEqual(
        (await issuedFor(fleet, "sesar")).map(({ keyId }) => keyId),
        issued,
      );
      const { active, retiring } = await fleet.history();
      assert.deepEqual([active?.label, active?.keyId], ["2027-05", issued.at(-1)]);
      assert.deepEqual(
        retiring.map(({ keyId }) => keyId),
        [history.active?.keyId],
      );
      const hints = await Promise.all(HOSTS.map((host) => hintOf(fleet, host)));
      assert.equal(new Set(hints).size, 1);
      assert.notEqual(hints[0], former);
    });
  });

  describe("after seven months without a run", () => {
    it("rotate late, each stack once and at the same time, one host at a time in order", async () => {
      await goTo("2027-12-04");
      const before = await stopsOf(fleet, HOSTS);
      const others = await stopsOf(fleet, ["archive"]);
      await Promise.all([fleet.up(), archive.up()]);
      await assertInTurn(fleet, HOSTS, before);
      await assertInTurn(fleet, ["archive"], others);
      for (const labStack of [fleet, archive]) {
        assert.equal((await labStack.history()).active?.label, "2027-11");
      }
      // That of 2026-11 has ended by itself in the meantime.
      assert.deepEqual(await acceptedFor(fleet, "sesar"), ["2027-05", "2027-11"]);
    });

    it("leave the former secret its whole overlap from the late adoption on, then remove it", async () => {
      await goTo("2027-12-18");
      await fleet.up();
      assert.deepEqual(await acceptedFor(fleet, "sesar"), ["2027-05", "2027-11"]);
      await goTo("2027-12-19");
      await fleet.up();
      assert.deepEqual(await acceptedFor(fleet, "sesar"), ["2027-05", "2027-11"]);
      await fleet.up();
      assert.deepEqual(await acceptedFor(fleet, "sesar"), ["2027-11"]);
    });

    it("have failed no sync, lost no document and leaked no secret", async () => {
      await assertStoppedBetweenSyncs(fleet, ALL);
      await assertUnharmed("fleet", [fleet, archive], ALL);
    });
  });
});
