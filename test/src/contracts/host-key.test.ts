// Which host keys are taken: those by which the vendor's command plugin can hold a host to itself. The table of key types,
// servers and clients is tried, on the lab's SSH server and on OpenSSH's, by our look and by the lab's stand-in of the plugin.
// Go's SSH library, called as the vendor's plugin calls it, gave the same answers on OpenSSH 9.2.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utils } from "ssh2";
import { type KeyPair, createKeyPair } from "../../../packages/lab/host/keys";
import { SshServer } from "../../../packages/lab/host/ssh/server";
import { dial } from "../../../packages/lab/plugins/command/remote/dial";
import { hostKeyProblem } from "../../../src/contracts/host-key";
import { reach } from "../../../src/steps/check-ssh";
import { OpenSshServer, opensshAbsent } from "../../helpers/openssh";
import { leaveOut } from "../../helpers/leave-out";

const pairOf = (made: { private: string; public: string }): KeyPair => {
  const [type = "", key = ""] = made.public.split(" ");
  return { privateKeyPem: made.private, publicKeyLine: `${type} ${key}` };
};
const TYPES: readonly [type: string, pair: KeyPair, taken: boolean][] = [
  ["ssh-ed25519", createKeyPair(), true],
  ["ecdsa-sha2-nistp256", pairOf(utils.generateKeyPairSync("ecdsa", { bits: 256 })), true],
  ["ecdsa-sha2-nistp384", pairOf(utils.generateKeyPairSync("ecdsa", { bits: 384 })), true],
  ["ecdsa-sha2-nistp521", pairOf(utils.generateKeyPairSync("ecdsa", { bits: 521 })), true],
  ["ssh-rsa", pairOf(utils.generateKeyPairSync("rsa", { bits: 3072 })), false],
];

/** A server that is up, and what signs in there. */
interface Up {
  readonly port: number;
  readonly user: string;
  readonly privateKey: string;
  readonly close: () => Promise<void> | void;
}

async function labServer(folder: string, hostKey: KeyPair): Promise<Up> {
  const client = createKeyPair();
  const server = new SshServer({
    user: "keyturn",
    hostKey,
    authorizedKey: client.publicKeyLine,
    home: folder,
    environment: {},
    acceptEnv: [],
    hangUpOnDisconnect: true,
  });
  await server.listen(0);
  const { port } = server;
  return { port, user: "keyturn", privateKey: client.privateKeyPem, close: () => server.close() };
}

async function openssh(folder: string, hostKey: KeyPair): Promise<Up> {
  const server = await OpenSshServer.start(join(folder, "sshd"), hostKey);
  const { port, user, privateKeyPem: privateKey } = server;
  return { port, user, privateKey, close: () => server.stop() };
}

describe("a host key", function () {
  this.timeout(60_000);
  const servers = [
    ["the lab's SSH server", labServer, undefined],
    ["OpenSSH's sshd", openssh, opensshAbsent()],
  ] as const;
  for (const [name, start, absent] of servers) {
    describe(`on ${name}`, () => {
      for (const [type, pair, taken] of TYPES) {
        if (start === labServer && !taken) {
          it(`of the type ${type} is none that this server would have, as it could not be as strict as OpenSSH`, async () => {
            await assert.rejects(labServer(tmpdir(), pair), /OpenSSH refuses that since 8\.8/);
          });
          continue;
        }
        it(`of the type ${type} is ${taken ? "taken by" : "refused to"} config, look and plugin alike`, async function () {
          if (absent !== undefined) leaveOut(this, absent);
          const folder = mkdtempSync(join(tmpdir(), "keyturn-host-key-"));
          const { port, user, privateKey, close } = await start(folder, pair);
          const hostKey = pair.publicKeyLine;
          const endpoint = { host: "127.0.0.1", port, user, hostKey, privateKey };
          const look = reach({
            ...endpoint,
            consumer: "archive",
            keyId: "key",
            revision: "1",
            attempt: "1",
            retry: 0,
          });
          const bounds = { dialErrorLimit: 0, perDialTimeout: 15 };
          const context = { log: () => Promise.resolve(), signal: AbortSignal.timeout(30_000) };
          const plugin = dial({ ...endpoint, ...bounds }, context);
          try {
            assert.equal(hostKeyProblem(hostKey) === undefined, taken);
            if (taken) {
              await look;
              (await plugin).end();
            } else {
              await assert.rejects(look, /SHA-1 only, which OpenSSH refuses/);
              await assert.rejects(
                plugin,
                /ssh: no common algorithm for host key; we offered: \["ssh-rsa"\], peer offered: \["rsa-sha2-512" "rsa-sha2-256"\]/,
              );
            }
          } finally {
            await Promise.allSettled([look, plugin]);
            await close();
            rmSync(folder, { recursive: true });
          }
        });
      }
    });
  }
});

describe("hostKeyProblem", () => {
  const [, pair] = TYPES[0] ?? [];
  const line = pair?.publicKeyLine ?? "";
  const refused: readonly [what: string, line: string, said: RegExp][] = [
    ["an RSA key by an algorithm's name", "rsa-sha2-512 AAAAB3Nz", /SHA-1 only.*ed25519_key\.pub/],
    [
      "a DSA key",
      "ssh-dss AAAAB3Nz",
      /ssh_host_ed25519_key\.pub, in \/etc\/ssh or on Windows in C:/,
    ],
    ["a security key", "sk-ssh-ed25519@openssh.com AAAAGnNr", /ssh_host_ed25519_key\.pub/],
    ["a certificate", "ssh-ed25519-cert-v01@openssh.com AAAAIHNz", /ssh_host_ed25519_key\.pub/],
    ["a curve that SSH does not have", "ecdsa-sha2-nistp192 AAAAE2Vj", /ssh_host_ed25519_key/],
    ["half a line", line.slice(0, -8), /is not whole/],
    [
      "another type than the key's",
      line.replace("ssh-ed25519", "ecdsa-sha2-nistp256"),
      /not whole/,
    ],
    ["a line of known_hosts", `[archive]:22 ${line}`, /without the host's name before it/],
    ["a fingerprint", "SHA256:abcdef", /must be one public key line/],
    ["two lines", `${line}\n${line}`, /must be one public key line/],
    ["a property of every object", "constructor AAAA", /must be one public key line/],
  ];
  for (const [what, given, said] of refused) {
    it(`refuses ${what}, and says what to give`, () => {
      assert.match(String(hostKeyProblem(given)), said);
    });
  }

  it("takes a comment after the key", () => {
    assert.equal(hostKeyProblem(`${line} root@archive of 2026`), undefined);
  });
});
