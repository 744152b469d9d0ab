// The look at a host's SSH server: what is well, and each way in which it is not, within its bound.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import net from "node:net";
import { text } from "node:stream/consumers";
import { Server, utils } from "ssh2";
import type { ReachInput } from "../../../src/contracts/check-ssh";
import { createKeyPair } from "../../../packages/lab/host/keys";
import { parseReachInput, reach } from "../../../src/steps/check-ssh";
import { readableKey } from "../../../src/steps/ssh-private-key";
import { compiled } from "../../helpers/paths";
import { pemKeys } from "../../helpers/pem-keys";

const USER = "svc";
const BOUNDS = { seconds: 5, tryingSeconds: 8 };
const SHORT = { seconds: 0.3, tryingSeconds: 1.4 };

describe("reach", () => {
  const [hostPair, userPair, otherPair] = [createKeyPair(), createKeyPair(), createKeyPair()];
  const pems = pemKeys();
  const servers: { close: (done: () => void) => unknown }[] = [];
  const sockets: net.Socket[] = [];
  let ran: string[] = [];
  /** What the Windows host's PowerShell answers; undefined: nothing, ever. */
  let powershell: string | undefined;
  let windowsPort: number;
  let input: ReachInput;

  before(async () => {
    const allowed = [userPair.publicKeyLine, ...pems.map(({ text }) => readableKey(text))].map(
      (key) => {
        const parsed = utils.parseKey(key);
        assert.ok(!(parsed instanceof Error));
        return parsed.getPublicSSH();
      },
    );
    const port = await listen(sshServer(allowed, "of-a-test"));
    windowsPort = await listen(sshServer(allowed, "OpenSSH_for_Windows_9.5"));
    input = {
      consumer: "sesar",
      host: "127.0.0.1",
      port,
      user: USER,
      hostKey: hostPair.publicKeyLine,
      privateKey: userPair.privateKeyPem,
      keyId: "key",
      revision: "1",
      attempt: "1",
      retry: 0,
    };
  });
  beforeEach(() => {
    ran = [];
    powershell = "keyturn-policy Bypass FullLanguage\r\n";
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers) await new Promise<void>((done) => void server.close(done));
  });

  function sshServer(allowed: readonly Buffer[], ident: string): Server {
    return new Server({ hostKeys: [hostPair.privateKeyPem], ident }, (connection) => {
      connection.on("error", () => undefined);
      connection.on("session", (accept) => {
        ran.push("session");
        accept().on("exec", (take, _, { command }) => {
          ran.push(command);
          const channel = take();
          void text(channel).then((asked) => {
            ran.push(asked);
            if (powershell === undefined) return;
            channel.write(powershell);
            channel.exit(0);
            channel.end();
          });
        });
      });
      connection.on("authentication", (context) => {
        const isKey = context.method === "publickey" && context.username === USER;
        if (isKey && allowed.some((key) => context.key.data.equals(key))) context.accept();
        else context.reject();
      });
    });
  }

  async function listen(server: net.Server | Server): Promise<number> {
    await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
    servers.push(server);
    return (server.address() as net.AddressInfo).port;
  }

  function accepting(onSocket: (socket: net.Socket) => void): Promise<number> {
    const server = net.createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => undefined);
      onSocket(socket);
    });
    return listen(server);
  }

  it("is content with a server that shows the host key and lets the user in, and runs nothing there", async () => {
    await reach(input, BOUNDS);
    assert.deepEqual(ran, []);
  });

  it("asks a Windows host's PowerShell for its policy by standard input, whatever a profile says before", async () => {
    powershell = "Welcome!\u001b[?1hkeyturn-policy RemoteSigned FullLanguage\r\n";
    await reach({ ...input, port: windowsPort }, BOUNDS);
    const [, command = "", asked = ""] = ran;
    assert.match(command, /^powershell\.exe [-A-Za-z ]*-ExecutionPolicy Bypass -Command -$/);
    assert.match(asked, /Get-ExecutionPolicy.*LanguageMode.*\nexit\n$/);
  });

  for (const [policy, says] of [
    [
      "AllSigned FullLanguage",
      /AllSigned.* refuses it\. Sign host\/update\.ps1 .*Get-ExecutionPolicy -List/,
    ],
    ["Restricted FullLanguage", /Restricted.* refuses it\. Have the policy lifted/],
    [
      "Bypass ConstrainedLanguage",
      /FullLanguage mode, but runs it in ConstrainedLanguage .*AppLocker/,
    ],
  ] as const) {
    it(`names the policy ${policy} of a Windows host, and does not try again`, async () => {
      powershell = `keyturn-policy ${policy}\r\n`;
      const looked = reach({ ...input, port: windowsPort }, BOUNDS);
      await assert.rejects(looked, ({ message }: Error) => {
        assert.match(message, says);
        return /^sesar: .* Nothing was touched\.$/.test(message);
      });
      assert.equal(ran.length, 3);
    });
  }

  it("is content with a Windows host that says something else, or nothing within the bound", async () => {
    powershell = "'powershell.exe' is not recognized\r\n";
    await reach({ ...input, port: windowsPort }, BOUNDS);
    powershell = undefined;
    await reach({ ...input, port: windowsPort }, { ...BOUNDS, seconds: 0.5 });
  });

  const faults: readonly [
    string,
    () => Partial<ReachInput> | Promise<Partial<ReachInput>>,
    RegExp,
  ][] = [
    [
      "a server that shows another host key",
      () => ({ hostKey: otherPair.publicKeyLine }),
      /must prove itself by connection\.hostKey, but shows another key, SHA256:\S{43}\. /,
    ],
    [
      "a server that has no key of the type",
      () => ({ hostKey: utils.generateKeyPairSync("ecdsa", { bits: 521 }).public }),
      /must have a host key of the type ecdsa-sha2-nistp521, but has none\./,
    ],
    [
      "a host key that the command plugin could not hold the host to",
      () => ({ hostKey: "ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB" }),
      /connection\.hostKey of the SSH server \S+ must be .*SHA-1 only.*ssh_host_ed25519_key\.pub/,
    ],
    [
      "a user who is not let in",
      () => ({ user: "nobody" }),
      /must let the user nobody in by the private key in consumerSecrets\.sesar\.privateKey, but refuses it\./,
    ],
    [
      "a key that is not let in",
      () => ({ privateKey: otherPair.privateKeyPem }),
      /must let the user svc in .* but refuses it\./,
    ],
    [
      "the user's own list of keys on a host that is not Windows",
      () => ({ user: "nobody" }),
      /put the public key into the user's authorized keys\. Nothing/,
    ],
    [
      "the administrators' list of keys and its access list on Windows, and the user's own",
      () => ({ port: windowsPort, user: "nobody" }),
      /ssh\\administrators_authorized_keys, .*icacls C:\\ProgramData\\ssh\\administrators_authorized_keys \/inheritance:r \/grant \*S-1-5-32-544:F \/grant \*S-1-5-18:F\); .*\.ssh\\authorized_keys of the profile\./,
    ],
    [
      "a key that cannot be read",
      () => ({ privateKey: "-----BEGIN NOTHING-----" }),
      /must be in OpenSSH's or PEM's form, without a passphrase, but it cannot be read\./,
    ],
    [
      "a name that does not resolve",
      () => ({ host: "keyturn-no-such-host.invalid" }),
      /keyturn-no-such-host\.invalid must have an address, but the name does not resolve\./,
    ],
    [
      "a port that is refused",
      async () => {
        const server = net.createServer();
        await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
        const { port } = server.address() as net.AddressInfo;
        await new Promise((done) => server.close(done));
        return { port };
      },
      /must accept a connection, but does not \(ECONNREFUSED\)\./,
    ],
    [
      "a server that hangs up",
      async () => ({ port: await accepting((socket) => socket.destroy()) }),
      /must accept a connection, but does not \((it ends the connection|ECONNRESET)\)\./,
    ],
  ];
  for (const [what, changes, says] of faults) {
    it(`names ${what}`, async () => {
      const changed = { ...input, ...(await changes()) };
      await assert.rejects(reach(changed, BOUNDS), (error: Error) => {
        assert.match(error.message, says);
        assert.match(error.message, /^sesar: .* Nothing was touched\.$/);
        for (const { privateKeyPem } of [userPair, otherPair]) {
          assert.ok(!error.message.includes(privateKeyPem.slice(40, 80)));
        }
        return true;
      });
    });
  }

  it("signs in with a key in every form that the command plugin takes", async () => {
    for (const { text: privateKey } of pems) await reach({ ...input, privateKey }, BOUNDS);
  });

  it("gives a server up that accepts and stays silent, at the bound", async () => {
    let connections = 0;
    const port = await accepting(() => (connections += 1));
    await assert.rejects(reach({ ...input, port }, SHORT), /must answer within 0\.3 seconds/);
    assert.equal(connections, 2);
  });

  it("gives a server up that falls silent in the handshake", async () => {
    const port = await accepting((socket) => socket.write("SSH-2.0-silent\r\n"));
    await assert.rejects(reach({ ...input, port }, SHORT), /must answer within 0\.3 seconds/);
  });

  it("tries again when a try fails by the network", async () => {
    let connections = 0;
    const port = await accepting((socket) => {
      connections += 1;
      if (connections === 1) socket.destroy();
      else socket.pipe(net.connect(input.port, "127.0.0.1")).pipe(socket);
    });
    await reach({ ...input, port }, BOUNDS);
    assert.equal(connections, 2);
  });

  it("quotes nothing of an input that does not fit", () => {
    const given = JSON.stringify({ ...input, port: 0, privateKey: "the-private-key" });
    assert.throws(
      () => parseReachInput(given),
      ({ message }: Error) => /port: /.test(message) && !message.includes("the-private-key"),
    );
    assert.throws(() => parseReachInput("the-private-key"), /must be JSON/);
  });

  it("is a program that says nothing when all is well, and a sentence and 1 when it is not", async () => {
    const program = compiled("src/steps/check-ssh.ts");
    const run = async (given: ReachInput): Promise<[number | null, string, string]> => {
      const child = spawn(process.execPath, [program]);
      child.stdin.end(JSON.stringify(given));
      const ended = new Promise<number | null>((done) => child.on("close", done));
      const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return [await ended, out, err];
    };
    assert.deepEqual(await run(input), [0, "", ""]);
    const [code, out, err] = await run({ ...input, user: "nobody" });
    assert.deepEqual([code, out], [1, ""]);
    assert.match(err, /^keyturn\[sshCheck\]: sesar: the SSH server .* Nothing was touched\.\n$/);
  });
});
