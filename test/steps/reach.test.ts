// The look at a host's SSH server: what is well, and each way in which it is not, within its bound.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import net from "node:net";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import { Server, utils } from "ssh2";
import type { ReachInput } from "../../components/pure/reach";
import { createKeyPair } from "../../lab/host/keys";
import { parseReachInput, reach } from "../../steps/reach";

const USER = "svc";
const BOUNDS = { seconds: 5, tries: 2, pauseSeconds: 0 };
const SHORT = { seconds: 0.3, tries: 2, pauseSeconds: 0 };

describe("reach", () => {
  const [hostPair, userPair, otherPair] = [createKeyPair(), createKeyPair(), createKeyPair()];
  const servers: { close: (done: () => void) => unknown }[] = [];
  const sockets: net.Socket[] = [];
  let ran: string[] = [];
  let input: ReachInput;

  before(async () => {
    const allowed = utils.parseKey(userPair.publicKeyLine);
    assert.ok(!(allowed instanceof Error));
    const server = new Server({ hostKeys: [hostPair.privateKeyPem] }, (connection) => {
      connection.on("error", () => undefined);
      connection.on("session", () => ran.push("session"));
      connection.on("authentication", (context) => {
        const isKey = context.method === "publickey" && context.username === USER;
        if (isKey && context.key.data.equals(allowed.getPublicSSH())) context.accept();
        else context.reject();
      });
    });
    const port = await listen(server);
    input = {
      ...{ consumer: "sesar", host: "127.0.0.1", port, user: USER },
      ...{ hostKey: hostPair.publicKeyLine, privateKey: userPair.privateKeyPem },
      ...{ keyId: "key", revision: "1", attempt: "1", retry: 0 },
    };
  });
  beforeEach(() => {
    ran = [];
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers) await new Promise<void>((done) => void server.close(done));
  });

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
      () => ({ hostKey: "ecdsa-sha2-nistp521 AAAA" }),
      /must have a host key of the type ecdsa-sha2-nistp521, but has none\./,
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
    const program = join(__dirname, "..", "..", "steps", "reach.ts");
    const run = async (given: ReachInput): Promise<[number | null, string, string]> => {
      const child = spawn(process.execPath, [...process.execArgv, program]);
      child.stdin.end(JSON.stringify(given));
      const ended = new Promise<number | null>((done) => child.on("close", done));
      const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return [await ended, out, err];
    };
    assert.deepEqual(await run(input), [0, "", ""]);
    const [code, out, err] = await run({ ...input, user: "nobody" });
    assert.deepEqual([code, out], [1, ""]);
    assert.match(err, /^keyturn: sesar: the SSH server .* Nothing was touched\.\n$/);
  });
});
