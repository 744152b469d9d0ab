// What a run reads of a host's last update: how often it was looked at again, and whether the update is the one planned.
import assert from "node:assert/strict";
import { lookDigest, updateDigest } from "../../../src/contracts/check-ssh";
import { formerUpdates } from "../../../src/observe/former-updates";
import type { Consumer } from "../../../src/keyturn-config";
import { LOOK } from "../../helpers/look";

const SECRET = "4dabf18193072939515e22adb298388d";
const secret = (value: string): object => ({
  [SECRET]: "1b47061264138c4ac30d75fd1eb44270",
  value,
});
const urn = (type: string, name: string): string =>
  `urn:pulumi:dev::keyturn::keyturn:index:HostUpdate$${type}::${name}`;
const look = (input: object): Record<string, unknown> => ({
  [urn("command:local:Command", "sesar-archive-reach-command")]: {
    outputs: { stdin: secret(JSON.stringify(input)) },
  },
});
const update = (create: string, input: string): Record<string, unknown> => ({
  [urn("command:remote:Command", "sesar-archive-command")]: {
    outputs: { create, stdin: secret(input) },
  },
});
const copy = (outputs: object): Record<string, unknown> => ({
  [urn("command:remote:CopyToRemote", "sesar-archive-script")]: { outputs },
});
const consumers = [
  { name: "archive", kind: "automatic" },
  { name: "desk", kind: "assisted" },
] as unknown as Consumer[];

describe("formerUpdates", () => {
  it("knows nothing of a host that was never looked at", () => {
    assert.deepEqual(formerUpdates("sesar", consumers, {}), {});
  });

  it("tells an update by its digest, and a look of a former release by its missing count", () => {
    const state = { ...look({ keyId: "k" }), ...update("sh update.sh apply", "input") };
    assert.deepEqual(formerUpdates("sesar", consumers, state), {
      archive: { again: 0, digest: updateDigest("sh update.sh apply", "input") },
    });
  });

  it("knows that the update of a host that was looked at has never succeeded", () => {
    assert.deepEqual(formerUpdates("sesar", consumers, look({ again: 2 })), {
      archive: { again: 2, digest: undefined },
    });
  });

  it("tells where the script lay by a look that asked", () => {
    const scriptPath = "keyturn/update-01234567.sh";
    assert.deepEqual(formerUpdates("sesar", consumers, look({ ...LOOK, scriptPath })), {
      archive: { again: 0, digest: undefined, scriptPath },
    });
  });

  it("tells for which look a former release copied the script, which did not tell itself", () => {
    const untold = { ...look(LOOK), ...copy({ remotePath: "keyturn/update-1.sh" }) };
    assert.deepEqual(formerUpdates("sesar", consumers, untold), {
      archive: { again: 0, digest: undefined, copiedWith: lookDigest(LOOK) },
    });
    for (const state of [
      copy({ remotePath: "keyturn/update-1.sh", triggers: [lookDigest(LOOK)] }),
      {},
    ]) {
      assert.deepEqual(formerUpdates("sesar", consumers, { ...look(LOOK), ...state }), {
        archive: { again: 0, digest: undefined },
      });
    }
  });

  it("takes no other stack's or consumer's host for it", () => {
    assert.deepEqual(formerUpdates("mail", consumers, look({ again: 2 })), {});
  });
});
