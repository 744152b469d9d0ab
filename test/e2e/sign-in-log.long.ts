// Adoption by Entra's sign-in log over three epochs: a CI Sync agent that an administrator serves, its own sign-ins, the
// proof's, a log that comes late, and a tenant without the licence. And the former secret, which a service that nobody knew
// of goes on using.
import assert from "node:assert/strict";
import { proofRequestId } from "../../src/contracts/prove";
import { DEPLOYER_CLIENT_ID } from "../../packages/lab/cloud/seed";
import type { FormerSecret } from "../../src/decide/former-secrets";
import { People, stackServedByPeople } from "../helpers/people";
import type { LabStack } from "../helpers/lab-stack";
import { E2E_TIMEOUT_MS, closing } from "../helpers/lab-stack";

/** Where the agent signs in from; the runner does from another one. */
const AGENT = "127.0.0.2";
const FORGOTTEN = "127.0.0.3";

describe("a consumer that people serve, and the sign-in log", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let labStack: LabStack;
  let clientId: string;
  let agent: People;
  /** A second service, of which the config knows nothing. */
  let forgotten: People;
  before(async () => {
    labStack = await stackServedByPeople("ci-sync", "2026-11-21T08:00:00Z", {
      "keyturn:consumers": [{ name: "ci-sync", address: AGENT }],
    });
    await labStack.up();
    clientId = String(await labStack.rehearsal.output("clientId"));
    agent = new People(labStack, "ci-sync", AGENT);
    await agent.openLink();
    forgotten = new People(labStack, "ci-sync", FORGOTTEN);
    forgotten.copyFrom(agent);
  });
  after(closing(() => labStack));

  const notes = async (): Promise<string> =>
    ((await labStack.rehearsal.output("notes")) as string[]).join("\n");
  const waits = async (): Promise<void> => {
    await labStack.up({ expectNoChanges: true });
    assert.equal((await agent.outcome()).outcome, "waiting");
  };

  it("waits, and says which permission the log needs", async () => {
    await waits();
    assert.match(await notes(), /Consent to AuditLog\.Read\.All .*keyturn confirm ci-sync/);
  });

  it("waits, and says which licence the log needs", async () => {
    const { control } = labStack.rehearsal;
    await control.directory("grant-role", {
      clientId: DEPLOYER_CLIENT_ID,
      role: "AuditLog.Read.All",
    });
    await control.settings({ premiumLicence: false });
    await waits();
    assert.match(await notes(), /Entra ID P1 or P2/);
    await control.settings({ premiumLicence: true });
  });

  it("is not adopted by the proof's own sign-ins with the new secret", async () => {
    const log = await labStack.rehearsal.control.signIns(clientId);
    const { inFlight } = await labStack.history();
    assert(log.some((one) => one.ok && one.keyId === inFlight?.keyId));
    await waits();
    assert.equal(await notes(), "");
  });

  it("is adopted by its own sign-in, without a word of anybody's, as soon as the log has it", async () => {
    const { control } = labStack.rehearsal;
    await control.settings({ signInLogDelaySeconds: 7200 });
    await control.moveClock({ advance: "PT1H" });
    await agent.signIn();
    await waits();
    await control.moveClock({ advance: "PT2H" });
    await labStack.up({ expectNoChanges: true });
    const { outcome, adopted } = await agent.outcome();
    assert.deepEqual([outcome, adopted], ["seen", true]);
    assert.equal((await labStack.history()).active?.label, "2026-11");
    await control.settings({ signInLogDelaySeconds: 0 });
  });

  it("stays adopted when the log has forgotten, which is not even asked", async () => {
    const { control } = labStack.rehearsal;
    const rule = { server: "graph" as const, pathPattern: "auditLogs", status: 500, times: 9 };
    await control.addFault({ ...rule, code: "ServiceUnavailable" });
    await labStack.up({ expectNoChanges: true });
    assert.equal((await agent.outcome()).outcome, "seen");
    assert.equal((await control.faults())[0]?.hits, 0);
    await control.clearFaults();
  });

  it("says who still uses the former secret, and since when nobody else has come", async () => {
    await labStack.rehearsal.goTo("2027-05-01");
    await labStack.up();
    await agent.signIn();
    await waits();
    assert.match(
      await notes(),
      /2026-11 was last used at 2027-05-01T.*Z from (::ffff:)?127\.0\.0\.2/,
    );
  });

  it("retires the former secret once the agent is seen on the new one and the former one is silent for a day", async () => {
    const { control } = labStack.rehearsal;
    await agent.openLink();
    await control.moveClock({ advance: "PT1H" });
    await agent.signIn();
    await waits();
    assert.match(await notes(), /adopts it once 2026-11 has been silent for 24 hours/);
    await control.moveClock({ advance: "P1D" });
    await labStack.up({ expectNoChanges: true });
    const { active, retiring } = await labStack.history();
    assert.deepEqual([active?.label, retiring.map(({ label }) => label)], ["2027-05", ["2026-11"]]);
    // The only sign-ins that were refused are the proofs', while Entra did not know the secret yet.
    const proofs = [active, ...retiring].map((one) => proofRequestId(one?.keyId ?? ""));
    const refused = (await labStack.rehearsal.control.signIns(clientId)).filter((one) => !one.ok);
    assert(refused.every(({ correlationId }) => proofs.includes(correlationId)));
    assert.deepEqual(agent.refused, []);
  });

  const former = async (): Promise<FormerSecret | undefined> =>
    ((await labStack.rehearsal.output("formerSecrets")) as FormerSecret[])[0];

  it("names a service that nobody knew of, which uses the former secret in its overlap", async () => {
    await labStack.rehearsal.goTo("2027-05-10");
    await agent.signIn();
    await forgotten.signIn();
    await labStack.up({ expectNoChanges: true });
    assert.match(
      await notes(),
      /2026-11 was used at 2027-05-10T.*Z from 127\.0\.0\.3 for .+Find out who/,
    );
    assert.equal((await former())?.lastUse?.address, FORGOTTEN);
  });

  it("keeps the secret past its overlap, though the log cannot be read on that day", async () => {
    const { control } = labStack.rehearsal;
    await labStack.rehearsal.goTo("2027-05-18");
    await control.settings({ premiumLicence: false });
    await labStack.up();
    await control.settings({ premiumLicence: true });
    const { retiring, released } = await labStack.history();
    assert.deepEqual([retiring.map(({ label }) => label), released], [["2026-11"], []]);
    assert.match(await notes(), /2026-11 is not let go.* is let go on 2027-06-10 at the earliest/);
    await forgotten.signIn();
    assert.deepEqual(forgotten.refused, []);
  });

  it("says that it is still in use, which turns a scheduled run red", async () => {
    await labStack.up();
    assert.match(await notes(), /2026-11 is not let go, since it is still in use: .*127\.0\.0\.3/);
  });

  it("lets it go once the service was moved and the secret has been silent, and says since when", async () => {
    forgotten.copyFrom(agent);
    await labStack.rehearsal.goTo("2027-06-17");
    await agent.signIn();
    await forgotten.signIn();
    await labStack.up();
    assert.deepEqual(
      (await labStack.history()).retiring.map(({ label }) => label),
      ["2026-11"],
    );
    await labStack.rehearsal.goTo("2027-06-19");
    await labStack.up();
    const { provenByLog, unusedSince = "" } = (await former()) ?? {};
    // The use was on the day before, but the log that was read on 17 June begins with the 19th of May.
    assert.deepEqual([provenByLog, unusedSince], [true, "2027-05-19"]);
    await labStack.rehearsal.goTo("2027-06-20");
    await labStack.up();
    const { retiring, released } = await labStack.history();
    assert.deepEqual([retiring, released], [[], []]);
    await forgotten.signIn();
    assert.deepEqual([agent.refused, forgotten.refused], [[], []]);
  });

  it("finds the same service in the third epoch, which has come to hold a secret that retires again", async () => {
    const { control } = labStack.rehearsal;
    await labStack.rehearsal.goTo("2027-11-01");
    await labStack.up();
    await agent.openLink();
    await control.moveClock({ advance: "PT1H" });
    await agent.signIn();
    await control.moveClock({ advance: "P1D" });
    await labStack.up({ expectNoChanges: true });
    const { active, retiring } = await labStack.history();
    assert.deepEqual([active?.label, retiring.map(({ label }) => label)], ["2027-11", ["2027-05"]]);
    await labStack.rehearsal.goTo("2027-11-10");
    await forgotten.signIn();
    await labStack.up({ expectNoChanges: true });
    assert.match(await notes(), /2027-05 was used at 2027-11-10T.*Z from 127\.0\.0\.3/);
    await labStack.rehearsal.goTo("2027-11-17");
    await labStack.up();
    assert.match(await notes(), /2027-05 is not let go.* is let go on 2027-12-11 at the earliest/);
  });

  it("lets that go too once it was moved, and nobody was ever refused", async () => {
    forgotten.copyFrom(agent);
    for (const day of ["2027-12-11", "2027-12-12"]) {
      await labStack.rehearsal.goTo(day);
      await agent.signIn();
      await forgotten.signIn();
      await labStack.up();
    }
    const { retiring, released } = await labStack.history();
    assert.deepEqual([retiring, released], [[], []]);
    await forgotten.signIn();
    assert.deepEqual([agent.refused, forgotten.refused], [[], []]);
  });
});
