// One command over SSH: what it is given and gives back, and each way in which it does not end well, within its bound.
import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Server, type ServerChannel, utils } from "ssh2";
import { createKeyPair } from "../../../packages/lab/host/keys";
import { MOST_OUTPUT, type SshPlace, runOverSsh } from "../../../src/steps/ssh-session";

const SECONDS = 10;
const SHORT_SECONDS = 0.3;

describe("runOverSsh", () => {
  const [hostPair, userPair, otherPair] = [createKeyPair(), createKeyPair(), createKeyPair()];
  const ran: string[] = [];
  let answer: (channel: ServerChannel, input: string) => void;
  let server: Server;
  let place: SshPlace;

  before(async () => {
    const allowed = utils.parseKey(userPair.publicKeyLine);
    assert.ok(!(allowed instanceof Error));
    server = new Server({ hostKeys: [hostPair.privateKeyPem] }, (connection) => {
      connection.on("error", () => undefined);
      connection.on("authentication", (asked) => {
        const known = asked.method === "publickey" && asked.key.data.equals(allowed.getPublicSSH());
        if (known) asked.accept();
        else asked.reject(["publickey"]);
      });
      connection.on("session", (accept) => {
        accept().on("exec", (take, _, { command }) => {
          ran.push(command);
          const channel = take();
          void text(channel).then((input) => answer(channel, input));
        });
      });
    });
    await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    place = {
      host: "127.0.0.1",
      port,
      user: "svc",
      hostKey: hostPair.publicKeyLine,
      privateKey: userPair.privateKeyPem,
    };
  });
  beforeEach(() => {
    ran.length = 0;
  });
  after(() => new Promise<void>((done) => void server.close(() => done())));

  it("gives the command its input, and back what it printed and its exit code", async () => {
    answer = (channel, input) => {
      channel.write(`out ${input}`);
      channel.stderr.write("err");
      channel.exit(20);
      channel.end();
    };
    assert.deepEqual(await runOverSsh(place, "sh update.sh check", "fields", SECONDS), {
      stdout: "out fields",
      stderr: "err",
      code: 20,
    });
    assert.deepEqual(ran, ["sh update.sh check"]);
  });

  it("has no exit code for a command that a signal has ended", async () => {
    answer = (channel) => {
      channel.exit("KILL", false, "");
      channel.end();
    };
    assert.equal((await runOverSsh(place, "sh", "", SECONDS)).code, undefined);
  });

  it("keeps no more than a bound of what a host prints", async () => {
    const chunk = "x".repeat(16_384);
    answer = (channel) => {
      for (let sent = 0; sent < 2 * MOST_OUTPUT; sent += chunk.length) channel.write(chunk);
      channel.exit(0);
      channel.end();
    };
    const { stdout } = await runOverSsh(place, "sh", "", SECONDS);
    assert.ok(stdout.length >= MOST_OUTPUT);
    assert.ok(stdout.length < 2 * MOST_OUTPUT, String(stdout.length));
  });

  it("runs nothing on a host that has another key", async () => {
    const other = { ...place, hostKey: otherPair.publicKeyLine };
    await assert.rejects(runOverSsh(other, "sh", "", SECONDS));
    assert.deepEqual(ran, []);
  });

  it("ends when the host does not, and says the bound and nothing of the input", async () => {
    answer = () => undefined;
    await assert.rejects(runOverSsh(place, "sh", "a secret", SHORT_SECONDS), {
      message: `it has not ended within ${SHORT_SECONDS} seconds`,
    });
  });
});
