// Which private keys are taken, and what is said of the others: with the line that turns them, and with nothing of the key.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { utils } from "ssh2";
import { createKeyPair } from "../../../packages/lab/host/keys";
import { privateKeyProblem } from "../../../src/config/private-key";
import { pemKeys } from "../../helpers/pem-keys";

const cipher = { cipher: "aes-256-cbc", passphrase: "abcde" };
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const openssh = createKeyPair().privateKeyPem;
const locked = utils.generateKeyPairSync("ed25519", {
  passphrase: "abcde",
  cipher: "aes256-ctr",
  rounds: 1,
});
const pem = (key: typeof rsa, type: "pkcs1" | "pkcs8", more = {}): string =>
  String(key.export({ type, format: "pem", ...more }));

describe("privateKeyProblem", () => {
  const taken: readonly [what: string, text: string][] = [
    ...pemKeys().map(({ what, text }): [string, string] => [what, text]),
    ["OpenSSH's form", openssh],
    [
      "OpenSSH's form with CRLF, without its last line end",
      openssh.trim().replaceAll("\n", "\r\n"),
    ],
    ["a key below a line of words", `of svc-keyturn\n${openssh}`],
  ];
  for (const [what, text] of taken) {
    it(`takes ${what}`, () => assert.equal(privateKeyProblem(text), undefined));
  }

  const refused: readonly [what: string, text: string, said: RegExp][] = [
    ["OpenSSH's form with a passphrase", locked.private, /has one\. .*: ssh-keygen -p -f id$/],
    ["PEM with a passphrase", pem(rsa, "pkcs1", cipher), /has one\. .*: ssh-keygen -p -f id$/],
    ["PKCS#8 with a passphrase", pem(rsa, "pkcs8", cipher), /: openssl pkcs8 -in id -out id-open$/],
    [
      "PuTTY's form",
      "PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: none\r\n",
      /puttygen id\.ppk/,
    ],
    ["the public key", createKeyPair().publicKeyLine, /is a public key\. .*without \.pub$/],
    ["a certificate", "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n", /is a CERT/],
    ["a byte order mark before it", `\uFEFF${openssh}`, /has a byte order mark/],
    ["half a key", openssh.slice(0, openssh.length / 2), /cannot be read/],
    ["PKCS#8 with a byte changed", pem(rsa, "pkcs8").replace("\nMII", "\nMIX"), /cannot be read/],
    ["words", "SENTINEL", /: ssh-keygen -t ed25519 -f id/],
    [
      "DSA",
      "-----BEGIN DSA PRIVATE KEY-----\nAA\n-----END DSA PRIVATE KEY-----\n",
      /the type DSA.*: ssh-keygen -t ed25519 -f id/,
    ],
    [
      "a curve that SSH does not have",
      pem(generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey, "pkcs8"),
      /is of another type\..*ssh-keygen -t ed25519/,
    ],
    ["a key for agreement", pem(generateKeyPairSync("x25519").privateKey, "pkcs8"), /another type/],
  ];
  for (const [what, text, said] of refused) {
    it(`refuses ${what}, with what to do and nothing of the key`, () => {
      const problem = String(privateKeyProblem(text));
      assert.match(problem, /^must be a private key in OpenSSH's or PEM's form/);
      assert.match(problem, said);
      for (const line of text.split(/\r?\n/).filter((one) => /^[A-Za-z0-9+/=]{20,}$/.test(one))) {
        assert(!problem.includes(line));
      }
      assert.doesNotMatch(problem, /SENTINEL/);
    });
  }
});
