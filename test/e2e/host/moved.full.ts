// A host that has lost its update script, and a consumer that moves to another host: the script is carried there again.
import assert from "node:assert/strict";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { hostOverrides } from "../../../packages/rehearsal/lab-settings";
import { DeployedStack } from "../../helpers/deployed-stack";
import { E2E_TIMEOUT_MS } from "../../helpers/lab-stack";

describe("the update script on its hosts", function () {
  this.timeout(2 * E2E_TIMEOUT_MS);
  const homes = new Map<string, string>();
  let deployed: DeployedStack;
  before(async () => {
    // What OpenSSH on Windows hands a command to, where nothing else is set: all of the road's commands pass it.
    deployed = await DeployedStack.open({
      lab: { hosts: ["sesar", "spare"], defaultShell: "cmd" },
    });
    for (const host of ["sesar", "spare"]) {
      const { home } = await deployed.labStack.rehearsal.control.hostAccess(host);
      homes.set(host, home);
    }
  });
  after(async () => {
    await (deployed as DeployedStack | undefined)?.close();
  });

  const folderOn = (host: string): string => join(homes.get(host) ?? "", "keyturn");
  const scriptsOn = (host: string): string[] =>
    existsSync(folderOn(host)) ? readdirSync(folderOn(host)) : [];
  const adopted = async (): Promise<void> => {
    const output = await deployed.consumerOutput();
    const { active } = await deployed.history();
    assert.deepEqual([output?.adopted, output?.keyId], [true, active?.keyId], output?.reason);
  };

  it("is not copied while nothing is to be done", async () => {
    assert.equal(scriptsOn("sesar").length, 1);
    const changes = await deployed.labStack.changes("up");
    assert.deepEqual(changes, []);
  });

  it("is copied again by the next rotation when it was deleted there", async () => {
    const scripts = scriptsOn("sesar");
    rmSync(folderOn("sesar"), { recursive: true });
    deployed.rotateNow();
    await deployed.labStack.up();
    await adopted();
    assert.deepEqual(scriptsOn("sesar"), scripts);
  });

  it("is copied to the host that a consumer moves to", async () => {
    const { rehearsal } = deployed.labStack;
    const access = await rehearsal.control.hostAccess("spare");
    const { host, port, user, hostKey, privateKeyPem } = access.ssh;
    deployed.consumer(["connection"], { host, port, user, hostKey });
    deployed.override(hostOverrides(access));
    await rehearsal.stack.setSecret("keyturn:consumerSecrets.sesar.privateKey", privateKeyPem);
    assert.deepEqual(scriptsOn("spare"), []);
    await deployed.labStack.up();
    await adopted();
    assert.deepEqual(scriptsOn("spare"), scriptsOn("sesar"));
    const { starts } = await rehearsal.service("spare");
    assert.equal(starts, 2);
    await deployed.labStack.up({ expectNoChanges: true });
  });
});
