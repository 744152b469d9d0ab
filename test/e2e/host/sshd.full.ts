// The host's update over real SSH, twice: the lab's server and OpenSSH's own; and the ways in which a connection fails,
// each a clear error before anything is changed.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { createKeyPair } from "../../../packages/lab/host/keys";
import { E2E_TIMEOUT_MS } from "../../helpers/lab-stack";
import { leaksIn } from "../../helpers/leaks";
import { SSH_ROUTES, type SshRoute } from "../../helpers/ssh-routes";
import { DeployedStack } from "../../helpers/deployed-stack";
import { until } from "../../helpers/until";

/** Long enough that the input takes two of SSH's packets, so that a part of it arrives; a vault takes little more. */
const COMMENT_BYTES = 21_000;
const SCRIPT_DEADLINE_MS = 30_000;

interface Failure {
  readonly name: string;
  readonly says: RegExp;
  /** What is wrong with the settings. */
  readonly settings?: () => Readonly<Record<string, string>>;
  /** What is wrong with the network. */
  readonly fault?: (route: SshRoute) => Promise<void> | void;
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
    fault: (route) => route.refuse(),
  },
  {
    name: "a server that accepts and never answers",
    says: /must answer within 15 seconds, but does not\..* Nothing was touched\./,
    fault: (route) => route.beSilent(),
  },
  {
    name: "a connection that is cut in the middle of the script's copy",
    says: /failed to write to remote path \S+: (connection lost|EOF)/,
    fault: (route) => route.cutCopy(),
  },
  {
    name: "a connection that is cut in the middle of the input",
    says: /wait: remote command exited without exit status or exit signal: running "sh \S+ apply"/,
    fault: (route) => route.cutInput(),
  },
];

describe("the host's update over SSH", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  let deployed: DeployedStack;
  before(async () => {
    deployed = await DeployedStack.open();
    const { installationFile } = (await deployed.labStack.rehearsal.control.hostAccess()).service;
    const file = JSON.parse(installationFile) as object;
    const comment = "not of any meaning; ".repeat(COMMENT_BYTES / 20);
    const longer = JSON.stringify({ ...file, comment }, undefined, 2);
    await deployed.labStack.rehearsal.stack.setSecret("keyturn:consumerSecrets.sesar.file", longer);
  });
  after(async () => {
    await (deployed as DeployedStack | undefined)?.close();
  });

  for (const kind of SSH_ROUTES) {
    describe(`by ${kind.name}`, () => {
      if (kind.absent !== undefined) {
        it(`is not run (${FAILURES.length + 3} cases): ${kind.absent}`);
        return;
      }
      let route: SshRoute;
      before(async () => {
        route = await kind.open(deployed);
        const secret = "keyturn:consumerSecrets.sesar.privateKey";
        await deployed.labStack.rehearsal.stack.setSecret(secret, route.privateKeyPem);
        const { scriptDirectory } = route;
        if (scriptDirectory !== undefined) deployed.override({ scriptDirectory });
        deployed.consumer(["connection"], route.connection);
      });
      after(() => (route as SshRoute | undefined)?.close());

      it("carries a new secret to the service in one restart, without a failed sync or a lost document", async () => {
        const former = await deployed.service();
        deployed.rotateNow();
        await deployed.labStack.up();
        const service = await deployed.service();
        const [stop, ...more] = service.stops.slice(former.stops.length);
        assert(stop !== undefined && more.length === 0);
        assert(stop.stoppedBy.startsWith("ssh:127.0.0.1:"), stop.stoppedBy);
        assert.deepEqual(
          [service.failedSyncs, service.documentsLost, service.state],
          [0, 0, "running"],
        );
        const { active } = await deployed.history();
        assert.equal((await deployed.consumerOutput())?.outcome, "updated");
        assert.equal(await deployed.heldKeyId(), active?.keyId);
        deployed.rotateNow();
      });

      for (const failure of FAILURES) {
        it(`fails by ${failure.name}, says so, and changes nothing`, async () => {
          const stood = await standing();
          for (const [field, value] of Object.entries(failure.settings?.() ?? {})) {
            deployed.consumer(["connection", field], value);
          }
          await failure.fault?.(route);
          try {
            assert.match(await deployed.failingUp(), failure.says);
          } finally {
            await route.mend();
            deployed.consumer(["connection"], route.connection);
          }
          await until("the script's end", () => scripts().length === 0, SCRIPT_DEADLINE_MS / 1000);
          assert.deepEqual(await standing(), stood);
        });
      }

      it("goes on with the same secret in one restart once the connection is good", async () => {
        const [issued, { stops }] = [await deployed.issued(), await deployed.service()];
        await deployed.labStack.up();
        assert.deepEqual(
          (await deployed.issued()).map(({ keyId }) => keyId),
          issued.map(({ keyId }) => keyId),
        );
        assert.equal(await deployed.heldKeyId(), (await deployed.history()).active?.keyId);
        const service = await deployed.service();
        assert.equal(service.stops.length, stops.length + 1);
        assert.deepEqual([service.failedSyncs, service.documentsLost], [0, 0]);
      });

      it("prints no secret in all that", async () => {
        const secrets = await deployed.labStack.rehearsal.control.secretValues();
        const all = [...secrets, route.privateKeyPem];
        assert.deepEqual(leaksIn("printed", deployed.labStack.printed, all), []);
      });
    });
  }

  /** All that must be as it was: the file, the host's record of updates, the service's stops, the stack's outputs. */
  async function standing(): Promise<unknown> {
    const { stops, state, failedSyncs, refusals } = await deployed.service();
    return {
      file: readFileSync(deployed.file, "utf8"),
      kept: ["journal", "report", "lock", "order", "staged"].map((name) => deployed.state(name)),
      service: { stops, state, failedSyncs, refusals },
      outputs: await deployed.labStack.rehearsal.stack.shownOutputs(),
    };
  }

  /** The update scripts that run on this stack's host. */
  function scripts(): string[] {
    return readdirSync("/proc").filter((pid) => {
      try {
        const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        const where = `${readlinkSync(`/proc/${pid}/cwd`)} ${commandLine}`;
        return /update-\w+\.sh/.test(commandLine) && where.includes(deployed.labStack.dir);
      } catch {
        return false;
      }
    });
  }
});
