// From a host that has nothing of Keyturn's to a rotation over it: setup.sh prepares it, and what it prints is the connection.
import assert from "node:assert/strict";
import { parse } from "yaml";
import { createKeyPair } from "../../../packages/lab/host/keys";
import { DeployedStack } from "../../helpers/deployed-stack";
import { E2E_TIMEOUT_MS } from "../../helpers/lab-stack";
import { inClone } from "../../helpers/paths";
import { PrivateHost, privateHostAbsent } from "../../helpers/private-host";
import type { Connection } from "../../helpers/ssh-routes";

describe("a host that setup.sh has prepared", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  const absent = privateHostAbsent();
  if (absent !== undefined) {
    it(`is not run: ${absent}`);
    return;
  }
  let deployed: DeployedStack | undefined;
  let host: PrivateHost | undefined;
  before(async () => {
    deployed = await DeployedStack.open();
    host = await PrivateHost.open();
  });
  after(async () => {
    host?.close();
    await deployed?.close();
  });

  it("carries the next secret to its service in one restart, by the connection that was printed", async () => {
    assert(deployed !== undefined && host !== undefined);
    const { publicKeyLine, privateKeyPem } = createKeyPair();
    const words = ["--key", publicKeyLine, "--from", "127.0.0.1", "--host", "127.0.0.1"];
    const done = host.run(["sh", inClone("host/setup.sh"), ...words, "--user", "root"]);
    assert.match(done.stderr, /did: start the SSH server/);
    const { connection } = parse(done.stdout) as { connection: Connection };
    deployed.consumer(["connection"], connection);
    deployed.override({ scriptDirectory: "/var/lib/keyturn" });
    const { stack } = deployed.labStack.rehearsal;
    await stack.setSecret("keyturn:consumerSecrets.sesar.privateKey", privateKeyPem);
    const former = await deployed.service();
    deployed.rotateNow();
    await deployed.labStack.up();
    const { active } = await deployed.history();
    assert.equal((await deployed.consumerOutput())?.outcome, "updated");
    assert.equal(await deployed.heldKeyId(), active?.keyId);
    const service = await deployed.service();
    assert.deepEqual(
      [service.stops.length - former.stops.length, service.failedSyncs, service.documentsLost],
      [1, 0, 0],
    );
    assert.match(host.script("ls /var/lib/keyturn"), /^update-[0-9a-f]{8}\.sh\n$/);
    const undone = host.run(["sh", inClone("host/setup.sh"), "--undo"]);
    assert.equal(undone.status, 0, undone.stderr);
    assert.notEqual(host.run(["test", "-e", "/var/lib/keyturn"]).status, 0);
  });
});
