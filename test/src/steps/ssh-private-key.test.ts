// The SSH library reads every key that the command plugin takes, whatever its form, and signs as its public half expects.
import assert from "node:assert/strict";
import { generateKeyPairSync, verify } from "node:crypto";
import { utils } from "ssh2";
import { createKeyPair } from "../../../packages/lab/host/keys";
import { readableKey } from "../../../src/steps/ssh-private-key";
import { pemKeys } from "../../helpers/pem-keys";

const DATA = Buffer.from("of a test");

describe("readableKey", () => {
  for (const { what, text, publicKey } of pemKeys()) {
    it(`gives ${what} in a form that the library signs with`, () => {
      for (const given of [text, text.replaceAll("\n", "\r\n")]) {
        const key = utils.parseKey(readableKey(given));
        assert(!(key instanceof Error));
        if (publicKey.asymmetricKeyType !== "ed25519") {
          const expected = String(publicKey.export({ type: "spki", format: "pem" }));
          assert.equal(key.getPublicPEM(), expected.trimEnd());
        } else assert(verify(null, DATA, publicKey, Buffer.from(key.sign(DATA))));
      }
    });
  }

  it("does so for ed25519 whatever the key's bytes are", () => {
    for (let count = 0; count < 400; count += 1) {
      const { privateKey, publicKey } = generateKeyPairSync("ed25519");
      const text = String(privateKey.export({ type: "pkcs8", format: "pem" }));
      const key = utils.parseKey(readableKey(text));
      assert(!(key instanceof Error));
      assert(verify(null, DATA, publicKey, Buffer.from(key.sign(DATA))));
    }
  });

  it("leaves every other text as it is", () => {
    const broken = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    for (const text of [createKeyPair().privateKeyPem, broken, ""]) {
      assert.equal(readableKey(text), text);
    }
  });
});
