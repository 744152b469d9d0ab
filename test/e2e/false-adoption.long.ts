// Adoptions that are none: the host's proof is complete, and the service does not use its new secret. None of them reaches the level
// of the sign-in log, whoever else signs in, and the former secret stays until the service was seen.
import assert from "node:assert/strict";
import { DEPLOYER_CLIENT_ID } from "../../packages/lab/cloud/seed";
import type { HostOrder } from "../../packages/lab/control-host";
import type { FormerSecret } from "../../src/decide/former-secrets";
import type { HostOutcome } from "../../src/decide/outcome";
import { DeployedStack } from "../helpers/deployed-stack";
import { E2E_TIMEOUT_MS } from "../helpers/lab-stack";
import { People } from "../helpers/people";
import { until } from "../helpers/until";

const SERVICE = "127.0.0.2";
/** An administrator, and a reader of the vault. */
const STRANGERS = ["127.0.0.3", "127.0.0.4"];
const SYNC_DEADLINE_SECONDS = 60;

interface Row {
  readonly what: string;
  readonly faults: HostOrder<"set-service-faults">;
  /** Why the log does not show the consumer on the new secret. */
  readonly notSeen: RegExp;
  /** What holds the former secret back once its overlap is over. */
  readonly kept: RegExp;
  /** Whether the former secret goes as soon as the log has seen the repaired service. */
  readonly goesThen: boolean;
}

const NO_SIGN_IN = /shows no sign-in with 2026-11-g1 from its address/;
const NOWHERE = /2026-11 is not let go: .* no sign-in of sesar with the secret in use/;
const IN_USE = /2026-11 is not let go, since it is still in use: .* from (::ffff:)?127\.0\.0\.2/;

const ROWS: readonly Row[] = [
  {
    what: "announces its next sync after AADSTS7000215 too",
    faults: { misreadsNewFile: true },
    notSeen: NO_SIGN_IN,
    kept: NOWHERE,
    goesThen: true,
  },
  {
    what: "keeps its token for an hour",
    faults: { keepsTokenSeconds: 3600 },
    notSeen: NO_SIGN_IN,
    kept: NOWHERE,
    goesThen: true,
  },
  {
    what: "reads its file at the second start only",
    faults: { readsFileLate: true },
    notSeen: NO_SIGN_IN,
    kept: IN_USE,
    goesThen: false,
  },
  {
    what: "has a second process on the former secret",
    faults: { leavesProcess: true },
    // By which of the two has signed in last.
    notSeen:
      /2026-11 (was used at .* after it was seen on 2026-11-g1|has not been silent for 24 hours)/,
    kept: IN_USE,
    goesThen: false,
  },
];

for (const row of ROWS) {
  describe(`a service that ${row.what}`, function () {
    this.timeout(2 * E2E_TIMEOUT_MS);
    let deployed: DeployedStack;
    let strangers: People[];
    let former: string | undefined;
    let known: ReadonlySet<string>;
    before(async () => {
      deployed = await DeployedStack.open({ lab: { signInAddress: SERVICE } });
      const { labStack } = deployed;
      const { control } = labStack.rehearsal;
      const role = "AuditLog.Read.All";
      await control.directory("grant-role", { clientId: DEPLOYER_CLIENT_ID, role });
      strangers = STRANGERS.map((address) => new People(labStack, "a stranger", address));
      await simulate(row.faults);
      former = (await deployed.history()).active?.keyId;
      known = new Set(await control.secretValues());
    });
    after(() => deployed.close());

    /** Sets the faults and has the product begin with them. */
    async function simulate(faults: Row["faults"]): Promise<void> {
      const { control } = deployed.labStack.rehearsal;
      await control.host("set-service-faults", { ...faults, leavesProcess: false });
      await control.host("stop-service", {});
      await control.host("start-service", {});
      await control.host("set-service-faults", faults);
      await aSync();
    }

    /** Whether it signed in or not. */
    async function aSync(): Promise<void> {
      const { lastSync } = await deployed.service();
      const synced = async () => (await deployed.service()).lastSync !== lastSync;
      await until("the service's next sync", synced, SYNC_DEADLINE_SECONDS);
    }

    async function later(advance: string): Promise<void> {
      await deployed.labStack.rehearsal.control.moveClock({ advance });
      await aSync();
      await aSync();
    }

    const output = (name: string): Promise<unknown> => deployed.labStack.rehearsal.output(name);
    const notes = async (): Promise<string> => ((await output("notes")) as string[]).join("\n");
    async function standing() {
      const [outcome] = (await output("consumers")) as HostOutcome[];
      const { adopted, level, notSeen = "", seen } = outcome ?? {};
      return {
        adopted,
        level,
        notSeen,
        address: seen?.address,
        all: await output("adoptionLevel"),
      };
    }
    async function isStillThere(): Promise<void> {
      const { retiring } = await deployed.history();
      assert.deepEqual(
        retiring.map(({ keyId }) => keyId),
        [former],
      );
      assert(await deployed.accepted(former));
    }

    it("is adopted by the host's word, and the outputs say that nobody has seen it", async () => {
      deployed.rotateNow();
      await deployed.labStack.up();
      await deployed.atRest();
      const { adopted, level, notSeen, all } = await standing();
      assert.deepEqual([adopted, level, all], [true, "host", "host"]);
      assert.match(notSeen, /is asked from the next run on/);
    });

    it("stays at the host's word where nobody has said from where it signs in", async () => {
      await later("P2D");
      await deployed.labStack.up();
      const { level, notSeen, all } = await standing();
      assert.deepEqual([level, all], ["host", "host"]);
      assert.match(notSeen, /cannot tell it from an administrator/);
      await isStillThere();
    });

    it("is not adopted by the log, though two strangers sign in with the new secret", async () => {
      deployed.consumer(["address"], SERVICE);
      const { control } = deployed.labStack.rehearsal;
      const [issued = ""] = (await control.secretValues()).filter((one) => !known.has(one));
      for (const stranger of strangers) {
        stranger.give(issued);
        await stranger.signIn();
        assert.deepEqual(stranger.refused, []);
      }
      await deployed.labStack.up();
      const { level, notSeen, all } = await standing();
      assert.deepEqual([level, all], ["host", "host"]);
      assert.match(notSeen, row.notSeen);
    });

    it("leaves the former secret valid when its overlap is over, and says what holds it", async () => {
      for (const advance of ["P14D", "P1D"]) {
        await later(advance);
        await deployed.labStack.up();
        assert.match(await notes(), row.kept);
        await isStillThere();
      }
      assert.equal((await standing()).level, "host");
    });

    it("is adopted by the log once the service is put right", async () => {
      await simulate({});
      await later("P2D");
      await deployed.labStack.up();
      const { level, address, all } = await standing();
      assert.deepEqual([level, address, all], ["log", SERVICE, "log"]);
      const { retiring } = await deployed.history();
      assert.equal(retiring.length, row.goesThen ? 0 : 1);
      const [secret] = (await output("formerSecrets")) as FormerSecret[];
      assert.equal(secret?.lastUse === undefined, row.goesThen);
    });
  });
}

describe("a service that announces its next sync after AADSTS7000215, where the config knows what a good sync writes", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let deployed: DeployedStack;
  before(async () => {
    deployed = await DeployedStack.open();
    deployed.override({ successPatterns: ["Azure AD synchronised"], proofTimeoutSeconds: 30 });
  });
  after(() => deployed.close());

  it("is put back on the former secret, and nothing is adopted", async () => {
    const { active } = await deployed.history();
    const { control } = deployed.labStack.rehearsal;
    await control.host("set-service-faults", { misreadsNewFile: true });
    deployed.rotateNow();
    assert.match(await deployed.failingUp(), /no new line of a successful sync/);
    await deployed.atRest();
    assert.equal(deployed.report().outcome, "restored");
    assert.equal((await deployed.history()).active?.keyId, active?.keyId);
    assert.equal(await deployed.heldKeyId(), active?.keyId);
  });

  it("is adopted once it reads its file", async () => {
    const { control } = deployed.labStack.rehearsal;
    await control.host("set-service-faults", {});
    await deployed.labStack.up();
    await deployed.atRest();
    const { active, retiring } = await deployed.history();
    assert.deepEqual([active?.label, retiring.length], ["2026-11-g1", 1]);
    assert.equal(await deployed.heldKeyId(), active?.keyId);
  });
});
