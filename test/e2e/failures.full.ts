// What goes wrong in Entra, Graph and the vault during a rotation, with the real engine: the run succeeds, or it fails before
// a host is touched and the next one goes on. In each case 0 failed syncs and 0 documents lost.
import assert from "node:assert/strict";
import { proofRequestId } from "../../src/contracts/prove";
import { presets } from "../../src/presets";
import { E2E_TIMEOUT_MS } from "../helpers/lab-stack";
import { DeployedStack } from "../helpers/deployed-stack";
import { leaksIn } from "../helpers/leaks";

const PROPAGATION_SECONDS = 90;
const SIGN_INS = presets["sesar"]?.proof.signIns ?? 0;
/** Lab seconds a second, so that a propagation of minutes takes seconds. */
const RATE = 10;

describe("a rotation while something is wrong in the cloud", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let deployed: DeployedStack;
  let clientId: string;
  let stops: number;
  let generation = 0;
  /** The epoch that the test's rotation is to reach. */
  let label: string;
  /** Syncs that failed for want of the product's own consent, which the rotation neither took nor needs. */
  let withoutConsent = 0;
  before(async () => {
    deployed = await DeployedStack.open({
      config: { "keyturn:overrides": { proof: { consentSeconds: 5 } } },
    });
    clientId = String(await deployed.labStack.rehearsal.output("clientId"));
  });
  after(() => deployed.close());
  beforeEach(async () => {
    stops = (await deployed.service()).stops.length;
    deployed.rotateNow();
    generation += 1;
    label = `2026-11-g${generation}`;
  });
  afterEach(async () => {
    await deployed.labStack.rehearsal.control.clearFaults();
    assert.equal(await deployed.heldKeyId(), (await deployed.history()).active?.keyId);
    const { failedSyncs, documentsLost, stops: all } = await deployed.service();
    assert.deepEqual([failedSyncs, documentsLost], [withoutConsent, 0]);
    assert(all.every(({ midSync }) => !midSync));
  });

  const control = () => deployed.labStack.rehearsal.control;
  const labelOf = async (): Promise<string | undefined> => (await deployed.history()).active?.label;
  /** Neither stopped nor written to. */
  const hostUntouched = async (): Promise<void> => {
    assert.equal((await deployed.service()).stops.length, stops);
  };
  const versions = async (): Promise<number> => {
    const { vaults } = await deployed.labStack.rehearsal.status();
    return vaults.flatMap(({ secrets }) => secrets.flatMap((secret) => secret.versions)).length;
  };

  it("names a consent that was revoked between two runs before the host is touched, and goes on with it back", async () => {
    await control().directory("revoke-role", { clientId, role: "User.Read.All" });
    const before = await versions();
    const printed = await deployed.failingUp();
    assert.match(printed, /must have admin consent for .*User\.Read\.All.*, but Graph refuses it/);
    await hostUntouched();
    assert.equal(await versions(), before);
    // What the sentence says: the refresh finds the consent gone, the update consents again.
    await deployed.labStack.up({ refresh: true });
    assert.equal(await labelOf(), label);
    await deployed.heldKeyId();
    withoutConsent = (await deployed.service()).failedSyncs;
  });

  it(`waits ${PROPAGATION_SECONDS} lab seconds for the new secret to be accepted`, async () => {
    await control().settings({ propagationSeconds: PROPAGATION_SECONDS });
    await control().moveClock({ rate: RATE });
    try {
      await deployed.labStack.up();
    } finally {
      await control().moveClock({ rate: 1 });
      await control().settings({ propagationSeconds: 3 });
    }
    const { active } = await deployed.history();
    assert.equal(active?.label, label);
    const proof = proofRequestId(active.keyId);
    const ours = (await control().signIns(clientId)).filter((one) => one.correlationId === proof);
    assert(ours.some(({ ok }) => !ok));
    assert.deepEqual(
      ours.slice(-SIGN_INS).map(({ ok }) => ok),
      Array(SIGN_INS).fill(true),
    );
  });

  it("says which policy refuses the secret's lifetime, changes nothing, and goes on when it is lifted", async () => {
    await control().directory("set-policy", { isEnabled: true, passwordMaxLifetime: "P90D" });
    const [before, issued] = [await versions(), (await deployed.issued()).length];
    const printed = await deployed.failingUp();
    assert.match(printed, /CredentialInvalidLifetimeAsPerAppPolicy|exceeds the max value allowed/);
    await hostUntouched();
    assert.deepEqual([await versions(), (await deployed.issued()).length], [before, issued]);
    await control().directory("set-policy", { isEnabled: false });
    await deployed.labStack.up();
    assert.equal(await labelOf(), label);
  });

  it("goes to its end while Graph throttles, after as long as Graph asks", async () => {
    const rule = { server: "graph" as const, status: 429, code: "TooManyRequests" };
    const [reading, issuing] = ["applications", "addPassword"];
    await control().addFault({ ...rule, pathPattern: issuing, retryAfterSeconds: 1, times: 2 });
    await control().addFault({ ...rule, pathPattern: reading, retryAfterSeconds: 1, times: 4 });
    await deployed.labStack.up();
    assert.equal(await labelOf(), label);
    assert((await control().faults()).every(({ remaining }) => remaining === 0));
  });

  it("goes to its end while the vault throttles, with one secret", async () => {
    await control().addFault({
      server: "arm",
      method: "PUT",
      pathPattern: "/secrets/",
      status: 429,
      times: 2,
      code: "TooManyRequests",
      retryAfterSeconds: 1,
    });
    const issued = (await deployed.issued()).length;
    await deployed.labStack.up();
    assert.equal(await labelOf(), label);
    assert.equal((await deployed.issued()).length, issued + 1);
    assert((await control().faults()).every(({ remaining }) => remaining === 0));
  });

  it("fails before the host when the vault refuses, and the next run goes on with the same secret", async () => {
    await control().addFault({
      server: "arm",
      method: "PUT",
      pathPattern: "/secrets/",
      status: 403,
      times: 99,
      code: "AuthorizationFailed",
    });
    const printed = await deployed.failingUp();
    assert.match(printed, /AuthorizationFailed/);
    await hostUntouched();
    await control().clearFaults();
    const issued = (await deployed.issued()).length;
    await deployed.labStack.up();
    assert.equal(await labelOf(), label);
    assert.equal((await deployed.issued()).length, issued);
  });

  it("makes nobody print a secret", async () => {
    const secrets = await control().secretValues();
    assert.deepEqual(leaksIn("printed", deployed.labStack.printed, secrets), []);
  });
});
