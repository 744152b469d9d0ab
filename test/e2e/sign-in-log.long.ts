// Adoption by Entra's sign-in log: a CI Sync agent that an administrator serves, its own sign-ins, the proof's, a log that
// comes late, and a tenant without the licence.
import assert from "node:assert/strict";
import { proofRequestId } from "../../components/pure/proof";
import { DEPLOYER_CLIENT_ID } from "../../lab/cloud/seed";
import { People, sceneServedByPeople } from "./consumers/people";
import type { Scene } from "./harness";
import { E2E_TIMEOUT_MS, closing } from "./harness";

describe("a consumer that people serve, and the sign-in log", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let scene: Scene;
  let clientId: string;
  let agent: People;
  before(async () => {
    scene = await sceneServedByPeople("ci-sync", "2026-11-21T08:00:00Z");
    await scene.up();
    clientId = String(await scene.rehearsal.output("clientId"));
    agent = new People(scene, "ci-sync");
    await agent.openLink();
  });
  after(closing(() => scene));

  const notes = async (): Promise<string> =>
    ((await scene.rehearsal.output("notes")) as string[]).join("\n");
  const waits = async (): Promise<void> => {
    await scene.up({ expectNoChanges: true });
    assert.equal((await agent.outcome()).outcome, "waiting");
  };

  it("waits, and says which permission the log needs", async () => {
    await waits();
    assert.match(await notes(), /Consent to AuditLog\.Read\.All .*keyturn confirm ci-sync/);
  });

  it("waits, and says which licence the log needs", async () => {
    const { control } = scene.rehearsal;
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
    const log = await scene.rehearsal.control.signIns(clientId);
    const { inFlight } = await scene.history();
    assert(log.some((one) => one.ok && one.keyId === inFlight?.keyId));
    await waits();
    assert.equal(await notes(), "");
  });

  it("is adopted by its own sign-in, without a word of anybody's, as soon as the log has it", async () => {
    const { control } = scene.rehearsal;
    await control.settings({ signInLogDelaySeconds: 7200 });
    await agent.signIn();
    await waits();
    await control.moveClock({ advance: "PT2H" });
    await scene.up({ expectNoChanges: true });
    const { outcome, adopted } = await agent.outcome();
    assert.deepEqual([outcome, adopted], ["seen", true]);
    assert.equal((await scene.history()).active?.label, "2026-11");
    await control.settings({ signInLogDelaySeconds: 0 });
  });

  it("stays adopted when the log has forgotten, which is not even asked", async () => {
    const { control } = scene.rehearsal;
    const rule = { server: "graph" as const, pathPattern: "auditLogs", status: 500, times: 9 };
    await control.addFault({ ...rule, code: "ServiceUnavailable" });
    await scene.up({ expectNoChanges: true });
    assert.equal((await agent.outcome()).outcome, "seen");
    assert.equal((await control.faults())[0]?.hits, 0);
    await control.clearFaults();
  });

  it("says who still uses the former secret, and since when nobody else has come", async () => {
    await scene.rehearsal.goTo("2027-05-01");
    await scene.up();
    await agent.signIn();
    await waits();
    assert.match(
      await notes(),
      /2026-11 was last used at 2027-05-01T.*Z from (::ffff:)?127\.0\.0\.1/,
    );
  });

  it("retires the former secret once the agent is seen on the new one", async () => {
    await agent.openLink();
    await agent.signIn();
    await scene.up({ expectNoChanges: true });
    const { active, retiring } = await scene.history();
    assert.deepEqual([active?.label, retiring.map(({ label }) => label)], ["2027-05", ["2026-11"]]);
    // The only sign-ins that were refused are the proofs', while Entra did not know the secret yet.
    const proofs = [active, ...retiring].map((one) => proofRequestId(one?.keyId ?? ""));
    const refused = (await scene.rehearsal.control.signIns(clientId)).filter((one) => !one.ok);
    assert(refused.every(({ correlationId }) => proofs.includes(correlationId)));
    assert.deepEqual(agent.refused, []);
  });
});
