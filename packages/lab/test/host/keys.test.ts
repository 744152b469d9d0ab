// The lab's keys can always be read back, which ssh2 does not promise of what it generates.
import assert from "node:assert/strict";
import { utils } from "ssh2";
import { createKeyPair } from "../../host/keys";

describe("createKeyPair", () => {
  it("gives only pairs that an SSH client can read", () => {
    const { generateKeyPairSync } = utils;
    const broken = { private: "-----BEGIN OPENSSH PRIVATE KEY-----\n", public: "ssh-ed25519 AAAA" };
    let calls = 0;
    utils.generateKeyPairSync = (...args: Parameters<typeof generateKeyPairSync>) => {
      calls += 1;
      return calls <= 2 ? broken : generateKeyPairSync(...args);
    };
    try {
      const pair = createKeyPair();
      assert.equal(calls, 3);
      assert(!(utils.parseKey(pair.privateKeyPem) instanceof Error));
      assert(!(utils.parseKey(pair.publicKeyLine) instanceof Error));
    } finally {
      utils.generateKeyPairSync = generateKeyPairSync;
    }
  });
});
