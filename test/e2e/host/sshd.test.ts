// The host's update over real SSH, twice: the lab's server and OpenSSH's own; and the ways in which a connection fails,
// each a clear error before anything is changed.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { until } from "../../../cli/until";
import { createKeyPair } from "../../../lab/host/keys";
import { E2E_TIMEOUT_MS } from "../harness";
import { leaksIn } from "../leaks";
import { ROADS, type Road } from "./roads";
import { Stage } from "./stage";

/** Long enough that the input takes two of SSH's packets, so that a part of it arrives; a vault takes little more. */
const COMMENT_BYTES = 21_000;
const SCRIPT_DEADLINE_MS = 30_000;

interface Failure {
  readonly name: string;
  readonly says: RegExp;
  /** What is wrong with the settings. */
  readonly settings?: () => Readonly<Record<string, string>>;
  /** What is wrong with the network. */
  readonly fault?: (road: Road) => Promise<void> | void;
}

const FAILURES: readonly Failure[] = [
  {
    name: "another host key",
    says: /must prove itself by connection\.hostKey, but shows another key, SHA256:\S{43}\./,
    settings: () => ({ hostKey: createKeyPair().publicKeyLine }),
  },
  {
    name: "another user",
    says: /must let the user nobody-of-this-name in by the private key in \S+, but refuses it\./,
    settings: () => ({ user: "nobody-of-this-name" }),
  },
  {
    name: "a refused port",
    says: /must accept a connection, but does not \(ECONNREFUSED\)\./,
    fault: (road) => road.refuse(),
  },
  {
    name: "a server that accepts and never answers",
    says: /must answer within 15 seconds, but does not\..* Nothing was touched\./,
    fault: (road) => road.beSilent(),
  },
  {
    name: "a connection that is cut in the middle of the input",
    says: /wait: remote command exited without exit status or exit signal: running "sh \S+ apply"/,
    fault: (road) => road.cutInput(),
  },
];

describe("the host's update over SSH", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let stage: Stage;
  before(async () => {
    stage = await Stage.open();
    const { installationFile } = (await stage.scene.rehearsal.control.hostAccess()).service;
    const file = JSON.parse(installationFile) as object;
    const comment = "not of any meaning; ".repeat(COMMENT_BYTES / 20);
    const longer = JSON.stringify({ ...file, comment }, undefined, 2);
    await stage.scene.rehearsal.stack.setSecret("keyturn:consumerSecrets.sesar.file", longer);
  });
  after(async () => {
    await (stage as Stage | undefined)?.close();
  });

  for (const kind of ROADS) {
    describe(`by ${kind.name}`, () => {
      if (kind.absent !== undefined) {
        it(`is not run (${FAILURES.length + 3} cases): ${kind.absent}`);
        return;
      }
      let road: Road;
      before(async () => {
        road = await kind.open(stage);
        const secret = "keyturn:consumerSecrets.sesar.privateKey";
        await stage.scene.rehearsal.stack.setSecret(secret, road.privateKeyPem);
        const { scriptDirectory } = road;
        if (scriptDirectory !== undefined) stage.override({ scriptDirectory });
        stage.consumer(["connection"], road.connection);
      });
      after(() => (road as Road | undefined)?.close());

      it("carries a new secret to the service in one restart, without a failed sync or a lost document", async () => {
        const former = await stage.service();
        stage.rotateNow();
        await stage.scene.up();
        const service = await stage.service();
        const [stop, ...more] = service.stops.slice(former.stops.length);
        assert(stop !== undefined && more.length === 0);
        assert(stop.stoppedBy.startsWith("ssh:127.0.0.1:"), stop.stoppedBy);
        assert.deepEqual(
          [service.failedSyncs, service.documentsLost, service.state],
          [0, 0, "running"],
        );
        const { active } = await stage.history();
        assert.equal((await stage.consumerOutput())?.outcome, "updated");
        assert.equal(await stage.heldKeyId(), active?.keyId);
        stage.rotateNow();
      });

      for (const failure of FAILURES) {
        it(`fails by ${failure.name}, says so, and changes nothing`, async () => {
          const stood = await standing();
          for (const [field, value] of Object.entries(failure.settings?.() ?? {})) {
            stage.consumer(["connection", field], value);
          }
          await failure.fault?.(road);
          try {
            assert.match(await stage.failingUp(), failure.says);
          } finally {
            await road.mend();
            stage.consumer(["connection"], road.connection);
          }
          await until(() => scripts().length === 0, SCRIPT_DEADLINE_MS, "the script's end");
          assert.deepEqual(await standing(), stood);
        });
      }

      it("goes on with the same secret in one restart once the connection is good", async () => {
        const [issued, { stops }] = [await stage.issued(), await stage.service()];
        await stage.scene.up();
        assert.deepEqual(
          (await stage.issued()).map(({ keyId }) => keyId),
          issued.map(({ keyId }) => keyId),
        );
        assert.equal(await stage.heldKeyId(), (await stage.history()).active?.keyId);
        const service = await stage.service();
        assert.equal(service.stops.length, stops.length + 1);
        assert.deepEqual([service.failedSyncs, service.documentsLost], [0, 0]);
      });

      it("prints no secret in all that", async () => {
        const secrets = await stage.scene.rehearsal.control.secretValues();
        const all = [...secrets, road.privateKeyPem];
        assert.deepEqual(leaksIn("printed", stage.scene.printed, all), []);
      });
    });
  }

  /** All that must be as it was: the file, the host's record of updates, the service's stops, the stack's outputs. */
  async function standing(): Promise<unknown> {
    const { stops, state, failedSyncs, refusals } = await stage.service();
    return {
      file: readFileSync(stage.file, "utf8"),
      kept: ["journal", "report", "lock", "order", "staged"].map((name) => stage.state(name)),
      service: { stops, state, failedSyncs, refusals },
      outputs: await stage.scene.rehearsal.stack.outputs(),
    };
  }

  /** The update scripts that run on this stage's host. */
  function scripts(): string[] {
    return readdirSync("/proc").filter((pid) => {
      try {
        const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        const where = `${readlinkSync(`/proc/${pid}/cwd`)} ${commandLine}`;
        return /update-\w+\.sh/.test(commandLine) && where.includes(stage.scene.dir);
      } catch {
        return false;
      }
    });
  }
});
