// Commands and copies over SSH, beyond the recordings: what the vendor's plugin does when things go wrong.
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  ARCHIVE_SIGNATURE,
  ASSET_SIGNATURE,
  SIGNATURE_KEY,
  type Properties,
} from "../../../plugins/provider/values";
import { Served } from "./served";
import { keyPair, SshHost } from "./ssh-host";
import { until } from "../../../../../test/helpers/until";

const COMMAND = "command:remote:Command";
const COPY = "command:remote:CopyToRemote";

describe("command:remote", () => {
  let host: SshHost;
  let port: number;
  let served: Served;

  before(async () => {
    host = new SshHost({ acceptEnv: ["ALLOWED", "PULUMI_COMMAND_STDOUT"] });
    port = await host.listen();
    served = await Served.start();
  });

  after(async () => {
    served.stop();
    await host.close();
  });

  beforeEach(() => {
    served.engine.take();
  });

  const read = (name: string): string =>
    existsSync(join(host.root, name)) ? readFileSync(join(host.root, name), "utf8") : "";
  const connection = (more: Properties = {}): Properties => ({
    host: "127.0.0.1",
    port,
    user: "root",
    privateKey: host.privateKey,
    hostKey: host.hostKey,
    dialErrorLimit: 1,
    perDialTimeout: 15,
    ...more,
  });
  const command = (create: string, more: Properties = {}): Properties => ({
    connection: connection(),
    create,
    logging: "none",
    addPreviousOutputInEnv: false,
    ...more,
  });

  describe("connection", () => {
    it("refuses a host whose key is another", async () => {
      const hostKey = keyPair().public;
      assert.equal(
        await served.failure(COMMAND, command("true", { connection: connection({ hostKey }) })),
        "after 1 failed attempts: ssh: handshake failed: ssh: host key mismatch",
      );
    });

    it("takes any host when no key is given", async () => {
      const given = connection({ host: "localhost" });
      Reflect.deleteProperty(given, "hostKey");
      assert.equal(await served.failure(COMMAND, command("true", { connection: given })), "");
    });

    it("tries again as often as it may, and says each time that it does", async () => {
      const free = await freePort();
      const given = connection({ port: free, dialErrorLimit: 2 });
      const text = await served.failure(COMMAND, command("true", { connection: given }));
      const refused = `dial tcp 127.0.0.1:${free}: connect: connection refused`;
      assert.equal(text, `after 2 failed attempts: ${refused}`);
      assert.deepEqual(
        served.passing().map(({ msg }) => msg),
        ["Dial 1/2 failed: retrying", "Dial 2/2 failed: retrying"],
      );
    });

    it("succeeds when a later attempt does", async () => {
      const slow = new SshHost({ refusals: 1 });
      const given = connection({
        port: await slow.listen(),
        privateKey: slow.privateKey,
        hostKey: slow.hostKey,
      });
      try {
        assert.equal(await served.failure(COMMAND, command("true", { connection: given })), "");
        assert.equal(slow.connections, 2);
      } finally {
        await slow.close();
      }
    });

    it("signs in by password when the host offers no keys", async () => {
      const locked = new SshHost({ password: "open sesame" });
      const given = connection({
        port: await locked.listen(),
        hostKey: locked.hostKey,
        password: "open sesame",
      });
      try {
        assert.equal(await served.failure(COMMAND, command("true", { connection: given })), "");
        const wrong = { ...given, password: "wrong" };
        const text = await served.failure(COMMAND, command("true", { connection: wrong }));
        assert.match(text, /attempted methods \[none password\], no supported methods remain$/);
        assert.equal(text.includes("wrong"), false);
      } finally {
        await locked.close();
      }
    });

    it("signs in with a key in PKCS#8", async () => {
      const { privateKey: key } = generateKeyPairSync("ed25519");
      const { x = "" } = key.export({ format: "jwk" });
      const point = Buffer.from(x, "base64url");
      const head = Buffer.from("AAAAC3NzaC1lZDI1NTE5AAAAIA==", "base64");
      const publicKey = `ssh-ed25519 ${Buffer.concat([head, point]).toString("base64")}`;
      const privateKey = String(key.export({ type: "pkcs8", format: "pem" }));
      const host = new SshHost({ user: { private: privateKey, public: publicKey } });
      const given = connection({ port: await host.listen(), privateKey, hostKey: host.hostKey });
      try {
        assert.equal(await served.failure(COMMAND, command("true", { connection: given })), "");
      } finally {
        await host.close();
      }
    });

    it("refuses keys in the vendor's words that the vendor's plugin does not read", async () => {
      const { privateKey: key } = generateKeyPairSync("ed25519");
      const locked = {
        type: "pkcs8",
        format: "pem",
        cipher: "aes-256-cbc",
        passphrase: "x",
      } as const;
      const rows: readonly [privateKey: string, said: string][] = [
        [String(key.export(locked)), 'ssh: unsupported key type "ENCRYPTED PRIVATE KEY"'],
        ["PuTTY-User-Key-File-3: ssh-ed25519\n", "ssh: no key found"],
      ];
      for (const [privateKey, said] of rows) {
        const given = command("true", { connection: connection({ privateKey }) });
        assert.equal(await served.failure(COMMAND, given), said);
      }
    });

    it("goes through a jump host", async () => {
      const jump = new SshHost({ forwards: true });
      const proxy = {
        ...connection(),
        port: await jump.listen(),
        privateKey: jump.privateKey,
        hostKey: jump.hostKey,
      };
      try {
        const given = command("echo through", { connection: connection({ proxy }) });
        const { properties } = await served.create(COMMAND, given);
        assert.equal((properties as Properties)["stdout"], "through");
        assert.equal(jump.connections, 1);
      } finally {
        await jump.close();
      }
    });
  });

  describe("Command", () => {
    it("tells a signal as the vendor does", async () => {
      const text = await served.failure(COMMAND, command("kill -KILL $$"));
      assert.match(
        text,
        /^Process exited with status 137 from signal KILL: running "kill -KILL \$\$":\n/,
      );
    });

    it("fails with all that the command echoed, its input too, whatever is logged", async () => {
      const text = await served.failure(COMMAND, command("cat; exit 4", { stdin: "the secret" }));
      assert.equal(text, 'Process exited with status 4: running "cat; exit 4":\nthe secret');
      assert.deepEqual(served.engine.take(), []);
    });

    it("fails when the connection is lost, with what came before", async () => {
      const running = served.failure(COMMAND, command("echo started; sleep 30"));
      const sessions = host.environments.length;
      await until("the command runs", () => host.environments.length > sessions);
      host.drop();
      assert.match(
        await running,
        /^wait: remote command exited without exit status or exit signal: running "echo started; sleep 30":\n/,
      );
    });

    it("does not fail when the command leaves its input unread", async () => {
      const stdin = "x".repeat(1_000_000);
      assert.equal(await served.failure(COMMAND, command("exec <&-; true", { stdin })), "");
    });

    it("sets a variable that the host allows", async () => {
      const given = command('echo "$ALLOWED"', { environment: { ALLOWED: "yes" } });
      const { properties } = await served.create(COMMAND, given);
      assert.equal((properties as Properties)["stdout"], "yes");
    });

    it("does not start a command when the host refuses a variable", async () => {
      const sessions = host.environments.length;
      const text = await served.failure(COMMAND, command("true", { environment: { NOT: "no" } }));
      assert.equal(text, 'could not set environment variable "NOT": ssh: setenv failed');
      assert.equal(host.environments.length, sessions);
    });

    it("goes on with a warning when the host refuses the output of before", async () => {
      const news = command('echo "[$PULUMI_COMMAND_STDOUT]"', { addPreviousOutputInEnv: true });
      const olds = { ...news, stdout: "was", stderr: "also was" };
      const request = { type: COMMAND, id: "x", oldInputs: news, olds, news };
      const { properties } = await served.client.call("update", request);
      assert.equal((properties as Properties)["stdout"], "[was]");
      const [warning] = served.engine.take();
      assert.match(warning?.msg ?? "", /^Unable to set 'PULUMI_COMMAND_STDERR'\. /);
    });

    it("shows each line as passing status, of the stream that is logged", async () => {
      await served.create(COMMAND, command("echo a; echo b; echo c >&2", { logging: "stdout" }));
      assert.deepEqual(served.passing(), [
        { sev: 1, msg: "a", eph: true },
        { sev: 1, msg: "b", eph: true },
      ]);
    });

    it("hangs for ever at a logged line of 64 KiB, and passes it when nothing is logged", async () => {
      const long = "head -c 200000 /dev/zero | tr '\\0' x";
      assert.equal(await served.failure(COMMAND, command(long)), "");
      const hanging = served.failure(COMMAND, command(long, { logging: "stdout" }));
      const later = async (): Promise<string> => {
        for (let others = 0; others < 3; others++) await served.failure(COMMAND, command(long));
        return "three others have ended since";
      };
      assert.equal(await Promise.race([hanging, later()]), "three others have ended since");
    });

    it("lets a command go on to its end, over its connection, when the engine is gone", async () => {
      const lone = await Served.start();
      const others = host.open;
      const file = (name: string): string => join(host.root, name);
      const wait = `until [ -e ${file("go")} ]; do sleep 0.02; done`;
      const create = `echo begun | tee ${file("begun")}; ${wait}; echo ended | tee ${file("ended")}`;
      try {
        const running = lone.create(COMMAND, command(create, { logging: "stdout" }));
        const witness = lone.create("command:local:Command", {
          create: `echo $$ > ${file("witness")}; exec sleep 300`,
        });
        await until("both run", () => ["begun", "witness"].every((name) => read(name) !== ""));
        lone.loseEngine();
        await Promise.all([running, witness]);
        // Once it has ended the local command, which does end, the stand-in knows that the engine is gone.
        await until("the stand-in knows", () => !existsSync(`/proc/${read("witness").trim()}`));
        assert.equal(host.open, others + 1);
        writeFileSync(file("go"), "");
        await until("the command ends", () => read("ended") === "ended\n");
        await until("the connection is closed", () => host.open === others);
      } finally {
        writeFileSync(file("go"), "");
        lone.stop();
      }
    });

    it("runs the command of its deletion over the connection of its state", async () => {
      const file = join(host.root, "deleted");
      const properties = command("true", { delete: `touch ${file}` });
      await served.client.call("delete", { type: COMMAND, id: "x", properties });
      assert.equal(readFileSync(file, "utf8"), "");
    });
  });

  describe("CopyToRemote", () => {
    const asset = (more: Properties): Properties => ({
      [SIGNATURE_KEY]: ASSET_SIGNATURE,
      hash: createHash("sha256").update(JSON.stringify(more)).digest("hex"),
      path: "",
      text: "",
      uri: "",
      ...more,
    });
    const copy = (source: Properties, remotePath: string): Properties => ({
      connection: connection(),
      source,
      remotePath,
    });
    const written = (path: string): string => readFileSync(join(host.root, path), "utf8");

    it("writes a text, and nothing of a longer one that was there", async () => {
      await served.create(COPY, copy(asset({ text: "a longer text" }), "/new/folder/file"));
      await served.create(COPY, copy(asset({ text: "short" }), "/new/folder/file"));
      assert.equal(written("new/folder/file"), "short");
    });

    it("copies a local file, into a folder under its own name", async () => {
      const folder = mkdtempSync(join(tmpdir(), "copy-"));
      const content = "line\n".repeat(50_000);
      writeFileSync(join(folder, "script.sh"), content);
      mkdirSync(join(host.root, "bin"));
      try {
        const source = asset({ path: join(folder, "script.sh") });
        assert.equal(await served.failure(COPY, copy(source, "/bin")), "");
        assert.equal(written("bin/script.sh"), content);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it("copies a folder with its own name, without it when a slash ends it", async () => {
      const folder = mkdtempSync(join(tmpdir(), "copy-"));
      mkdirSync(join(folder, "tree", "inner"), { recursive: true });
      writeFileSync(join(folder, "tree", "inner", "leaf"), "green");
      const archive = (path: string): Properties => ({
        [SIGNATURE_KEY]: ARCHIVE_SIGNATURE,
        hash: path,
        path,
      });
      try {
        await served.create(COPY, copy(archive(join(folder, "tree")), "/named"));
        await served.create(COPY, copy(archive(`${join(folder, "tree")}/`), "/unnamed"));
        assert.equal(written("named/tree/inner/leaf"), "green");
        assert.equal(written("unnamed/inner/leaf"), "green");
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it("copies again when the content changes, not when only the connection does", async () => {
      const olds = copy(asset({ text: "one" }), "/again");
      await served.create(COPY, olds);
      writeFileSync(join(host.root, "again"), "changed there");
      const request = { type: COPY, id: "x", oldInputs: olds, olds };
      const moved = { ...olds, connection: connection({ perDialTimeout: 20 }) };
      await served.client.call("update", { ...request, news: moved });
      assert.equal(written("again"), "changed there");
      const news = { ...olds, source: asset({ text: "two" }) };
      await served.client.call("update", { ...request, news });
      assert.equal(written("again"), "two");
    });

    it("fails when the connection is lost in the middle of a file", async () => {
      host.onWrite = () => {
        host.onWrite = undefined;
        host.drop();
      };
      assert.equal(
        await served.failure(COPY, copy(asset({ text: "x".repeat(100_000) }), "/cut")),
        "failed to write to remote path /cut: connection lost",
      );
    });

    it("leaves its file there when it is deleted", async () => {
      const properties = copy(asset({ text: "stays" }), "/stays");
      await served.create(COPY, properties);
      await served.client.call("delete", { type: COPY, id: "x", properties });
      assert.equal(written("stays"), "stays");
    });
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
