// Machines and people in one stack: SESAR on a host, a CI Sync agent that an administrator serves, and empower's support. The
// last one decides: until everybody is proven on the new secret the former one is adopted, protected and valid.
import assert from "node:assert/strict";
import type { Outcome } from "../../../src/decide/outcome";
import { proofRequestId } from "../../../src/contracts/prove";
import { DEPLOYER_CLIENT_ID } from "../../../packages/lab/cloud/seed";
import { E2E_TIMEOUT_MS, LabStack, closing } from "../../helpers/lab-stack";
import { People } from "../../helpers/people";
import { searchForLeaks } from "../../helpers/leak-search";
import { until } from "../../helpers/until";

/** The host, the agent's machine and support's, as far as loopback has them. */
const [HERE, AGENT, SUPPORT] = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];
/** Where support says that it signs in from, and does not: nobody sees it in the log. */
const UNSEEN = "192.0.2.1";
const SYNC_DEADLINE_MS = 60_000;

describe("a service on a host and two that people serve, with one secret", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let labStack: LabStack;
  let agent: People;
  let support: People;
  let clientId: string;
  before(async () => {
    labStack = await LabStack.open({ policy: true, lab: { now: "2026-11-21T08:00:00Z" } });
    const role = "AuditLog.Read.All";
    await labStack.rehearsal.control.directory("grant-role", {
      clientId: DEPLOYER_CLIENT_ID,
      role,
    });
    const [ciSync, cloud] = ["ci-sync", "empower-cloud"];
    labStack.set(["keyturn:consumers", 0, "address"], HERE);
    labStack.set(["keyturn:consumers", 1], { name: ciSync, preset: ciSync, address: AGENT });
    labStack.set(["keyturn:consumers", 2], { name: "support", preset: cloud, address: UNSEEN });
    agent = new People(labStack, ciSync, AGENT);
    support = new People(labStack, "support", SUPPORT);
    await labStack.up();
    clientId = String(await labStack.rehearsal.output("clientId"));
  });
  after(closing(() => labStack));

  const standing = async (): Promise<Record<string, string>> => {
    const outcomes = (await labStack.rehearsal.output("consumers")) as Outcome[];
    return Object.fromEntries(outcomes.map(({ name, outcome }) => [name, outcome]));
  };
  const stops = async (): Promise<number> => (await labStack.rehearsal.service()).stops.length;
  /** What comes within the hour of the proof may be the proof's. */
  const anHourLater = () => labStack.rehearsal.control.moveClock({ advance: "PT1H" });
  /** Key id with which the service on the host signs in. */
  const held = async (): Promise<string | undefined> => {
    const { syncs } = await labStack.rehearsal.service();
    const synced = async () => (await labStack.rehearsal.service()).syncs > syncs;
    await until("the service's next good sync", synced, SYNC_DEADLINE_MS / 1000);
    const signIns = await labStack.rehearsal.control.signIns(clientId);
    return signIns.filter(({ ipAddress }) => ipAddress.endsWith(HERE)).at(-1)?.keyId;
  };

  it("does not take the service's sign-ins, nor the proof's, for the agent's", async () => {
    const { inFlight } = await labStack.history();
    const ours = proofRequestId(inFlight?.keyId ?? "");
    const others = (await labStack.rehearsal.control.signIns(clientId)).filter(
      ({ ok, keyId, correlationId }) => ok && keyId === inFlight?.keyId && correlationId !== ours,
    );
    assert(others.length > 0);
    await labStack.up({ expectNoChanges: true });
    assert.deepEqual(await standing(), {
      sesar: "updated",
      "ci-sync": "waiting",
      support: "waiting",
    });
  });

  it("adopts when the log has seen the agent and people have said it of the other", async () => {
    await agent.openLink();
    await anHourLater();
    await agent.signIn();
    await support.openLink();
    await support.confirm();
    await labStack.up({ expectNoChanges: true });
    assert.deepEqual(await standing(), {
      sesar: "updated",
      "ci-sync": "seen",
      support: "confirmed",
    });
    assert.equal((await labStack.history()).active?.label, "2026-11");
  });

  it("moves the machine at once and keeps the former secret for the people, with one restart however often it runs", async () => {
    await labStack.rehearsal.goTo("2027-05-01");
    const before = await stops();
    await labStack.up();
    await labStack.up({ expectNoChanges: true });
    assert.equal(await stops(), before + 1);
    const { active, inFlight, retiring } = await labStack.history();
    assert.deepEqual([active?.label, inFlight?.label, retiring], ["2026-11", "2027-05", []]);
    assert.equal(await held(), inFlight?.keyId);
    await agent.signIn();
    await support.signIn();
    assert.match(
      String(await labStack.rehearsal.output("reason")),
      /2027-05 is issued and waiting for ci-sync, support since 2027-05-01; 2026-11 stays valid/,
    );
  });

  it("does not adopt while one of them is missing, and turns red for that one after the overlap", async () => {
    await agent.openLink();
    await anHourLater();
    await agent.signIn();
    await labStack.rehearsal.goTo("2027-05-15");
    await labStack.up({ expectNoChanges: true });
    assert.equal((await labStack.history()).active?.label, "2026-11");
    await labStack.rehearsal.goTo("2027-05-16");
    const before = await stops();
    const printed = await labStack.failingUp();
    assert.match(printed, /sesar: support must confirm .* It still holds 2026-11 .*valid until/);
    assert.equal(await stops(), before);
    await support.signIn();
  });

  it("adopts when the last of them is there, and counts the overlap from then", async () => {
    // The first link has expired; this is another of the same secret.
    labStack.set(["keyturn:consumers", 2, "retry"], 1);
    await labStack.up();
    await support.openLink();
    await support.signIn();
    await support.confirm();
    await labStack.up({ expectNoChanges: true });
    const { active, retiring } = await labStack.history();
    assert.deepEqual([active?.label, retiring.map(({ label }) => label)], ["2027-05", ["2026-11"]]);
    await labStack.up({ expectNoChanges: true });
    assert.match(
      String(await labStack.rehearsal.output("reason")),
      /2026-11 retires until 2027-05-31/,
    );
  });

  it("keeps the former secret for the machine too, says so after the overlap, and adopts when it follows", async () => {
    const { active } = await labStack.history();
    labStack.set(["keyturn:generation"], 1);
    labStack.set(["keyturn:consumers", 0, "overrides", "marginSeconds"], 600);
    labStack.set(["keyturn:consumers", 0, "overrides", "patienceSeconds"], 2);
    await labStack.up();
    for (const people of [agent, support]) {
      await people.openLink();
      await people.confirm();
    }
    await labStack.up();
    assert.deepEqual(await standing(), {
      sesar: "notNow",
      "ci-sync": "confirmed",
      support: "confirmed",
    });
    assert.equal(await held(), active?.keyId);
    assert.equal((await labStack.history()).active?.keyId, active?.keyId);
    await labStack.rehearsal.goTo("2027-05-31");
    await labStack.up();
    const [note] = (await labStack.rehearsal.output("notes")) as string[];
    assert.match(note ?? "", /sesar must come to hold the secret of 2027-05-g1 before 2027-05-31/);
    labStack.set(["keyturn:consumers", 0, "overrides", "marginSeconds"], 1);
    labStack.set(["keyturn:consumers", 0, "overrides", "patienceSeconds"], 60);
    await labStack.up();
    const after = await labStack.history();
    assert.equal(after.active?.label, "2027-05-g1");
    assert.equal(await held(), after.active.keyId);
  });

  it("refused nobody a sign-in, lost no document and leaked nothing", async () => {
    const { failedSyncs, documentsLost } = await labStack.rehearsal.service();
    assert.deepEqual([failedSyncs, documentsLost], [0, 0]);
    assert.deepEqual([agent.refused, support.refused], [[], []]);
    assert.deepEqual((await searchForLeaks(labStack)).leaks, []);
  });
});
