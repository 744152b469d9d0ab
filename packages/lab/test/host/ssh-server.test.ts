// The SSH server of the lab's host, seen by an SSH client.
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Client, ConnectConfig } from "ssh2";
import { createKeyPair } from "../../host/keys";
import { SshServer, type SshSettings } from "../../host/ssh/server";
import { connect, open, promised, run, sftp } from "./ssh-client";
import { until } from "../../../../test/helpers/until";
import { findProgram } from "../../../../test/helpers/interpreters";
import { leaveOut } from "../../../../test/helpers/leave-out";

const hostKey = createKeyPair();
const clientKey = createKeyPair();

describe("SshServer", () => {
  let home: string;
  let server: SshServer;
  let client: Client | undefined;

  async function start(settings: Partial<SshSettings> = {}): Promise<ConnectConfig> {
    server = new SshServer({
      user: "keyturn",
      hostKey,
      authorizedKey: clientKey.publicKeyLine,
      home,
      environment: { PATH: "/usr/bin:/bin", HOME: home },
      acceptEnv: [],
      hangUpOnDisconnect: true,
      ...settings,
    });
    await server.listen(0);
    return { port: server.port, username: "keyturn", privateKey: clientKey.privateKeyPem };
  }

  async function signIn(settings: Partial<SshSettings> = {}): Promise<Client> {
    client = await connect(await start(settings));
    return client;
  }

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "keyturn ssh "));
  });

  afterEach(async () => {
    client?.end();
    await server.close();
    await rm(home, { recursive: true });
  });

  it("hands a command to the default shell that it is given", async () => {
    const ssh = await signIn({ shell: [process.execPath, "--print"] });
    const { stdout, code } = await run(ssh, "6 * 7");
    assert.deepEqual([stdout, code], ["42\n", 0]);
  });

  it("shows every exit code but 0 as 1 where the default shell is PowerShell, as OpenSSH on Windows", async function () {
    const pwsh = findProgram("pwsh");
    if (pwsh === undefined) leaveOut(this, "pwsh is not on PATH");
    this.timeout(60_000);
    const ssh = await signIn({ shell: [pwsh, "-c"] });
    const { stdout, code } = await run(ssh, "sh -s 21", "echo report; exit $1\n");
    assert.deepEqual([stdout, code], ["report\n", 1]);
  });

  it("shows the host key that it was started with", async () => {
    const settings = await start();
    let seen = "";
    client = await connect({
      ...settings,
      hostVerifier: (key: Buffer) => {
        seen = key.toString("base64");
        return true;
      },
    });
    assert.equal(`ssh-ed25519 ${seen}`, hostKey.publicKeyLine);
  });

  it("refuses another key", async () => {
    const settings = await start();
    const privateKey = createKeyPair().privateKeyPem;
    await assert.rejects(connect({ ...settings, privateKey }), /authentication methods failed/);
  });

  it("refuses another user", async () => {
    const settings = await start();
    await assert.rejects(
      connect({ ...settings, username: "root" }),
      /authentication methods failed/,
    );
  });

  it("refuses a password", async () => {
    await start();
    const settings = { port: server.port, username: "keyturn", password: "keyturn" };
    await assert.rejects(connect(settings), /authentication methods failed/);
  });

  it("runs a command in the home folder and passes both streams and the exit status on", async () => {
    const outcome = await run(await signIn(), "pwd; echo oops >&2; exit 7");
    assert.deepEqual(outcome, {
      code: 7,
      signal: undefined,
      stdout: `${home}\n`,
      stderr: "oops\n",
    });
  });

  it("passes on the signal that ended a command", async () => {
    const outcome = await run(await signIn(), "kill -TERM $$");
    assert.equal(outcome.code, null);
    assert.equal(outcome.signal, "SIGTERM");
  });

  it("gives a signal from the client to the command's process group", async () => {
    const { channel, outcome } = await open(await signIn(), "echo up > up; sleep 20");
    await until("the command is up", async () => (await text("up")) === "up\n");
    channel.signal("TERM");
    assert.equal((await outcome).signal, "SIGTERM");
  });

  it("gives a command nothing of the lab's environment", async () => {
    process.env["KEYTURN_TEST_SECRET"] = "lab";
    const { stdout } = await run(await signIn(), "env");
    delete process.env["KEYTURN_TEST_SECRET"];
    const names = stdout.split("\n").map((line) => line.split("=")[0]);
    assert.deepEqual(names.filter((name) => name !== "" && name !== "_").sort(), [
      "HOME",
      "PATH",
      "PWD",
      "SSH_CLIENT",
      "SSH_CONNECTION",
    ]);
  });

  it("carries 300 KiB of input and of both outputs unchanged", async () => {
    const input = Buffer.alloc(300 * 1024, "0123456789abcdef\n");
    const { stdout, stderr, code } = await run(await signIn(), "tee copy; cat copy >&2", input);
    assert.equal(code, 0);
    assert.equal(stdout, input.toString());
    assert.equal(stderr, input.toString());
  });

  it("keeps the channel open while a process in the background holds the output", async () => {
    const { stdout, code } = await run(await signIn(), "(sleep 0.3; echo late) & echo early");
    assert.deepEqual([stdout, code], ["early\nlate\n", 0]);
  });

  it("survives a command that ends without reading its input", async () => {
    const signedIn = await signIn();
    const input = Buffer.alloc(2 * 1024 * 1024);
    assert.equal((await run(signedIn, "exit 3", input)).code, 3);
    assert.equal((await run(signedIn, "echo still here")).stdout, "still here\n");
  });

  it("refuses an environment variable that it was not told to accept", async () => {
    const { outcome } = await open(await signIn(), "echo $WANTED", { env: { WANTED: "yes" } });
    assert.equal((await outcome).stdout, "\n");
  });

  it("takes an environment variable that it was told to accept", async () => {
    const signedIn = await signIn({ acceptEnv: ["WANTED"] });
    const { outcome } = await open(signedIn, "echo $WANTED", { env: { WANTED: "yes" } });
    assert.equal((await outcome).stdout, "yes\n");
  });

  it("opens no shell and forwards nothing", async () => {
    const signedIn = await signIn();
    const shell = await new Promise<Error | undefined>((resolve) => {
      signedIn.shell(false, (error) => resolve(error));
    });
    const forward = await new Promise<Error | undefined>((resolve) => {
      signedIn.forwardOut("127.0.0.1", 1, "127.0.0.1", server.port, (error) => resolve(error));
    });
    assert.ok(shell);
    assert.ok(forward);
  });

  it("hangs up on a running command when the connection is lost", async () => {
    const { channel } = await open(
      await signIn(),
      "exec 2> errors; trap 'echo hup > hup; exit' HUP; cat > input; sleep 5; :",
    );
    channel.write("half of the");
    await until("the input has arrived", async () => (await text("input")) === "half of the");
    server.dropConnections();
    await until("the hang-up was seen", async () => (await text("hup")) === "hup\n");
    assert.equal(await text("input"), "half of the");
  });

  it("lets a command see the end of its input and live on when the connection is lost without a hang-up", async () => {
    const { channel } = await open(
      await signIn({ hangUpOnDisconnect: false }),
      "cat > input; echo end > eof",
    );
    channel.write("half");
    await until("the input has arrived", async () => (await text("input")) === "half");
    server.dropConnections();
    await until("the command went on", async () => (await text("eof")) === "end\n");
  });

  it("copies a file by SFTP, relative to the home folder, with its permissions", async () => {
    const session = await sftp(await signIn());
    const content = Buffer.alloc(300 * 1024, "keyturn");
    await writeFile(join(home, "source"), content);
    await new Promise<void>((resolve, reject) => {
      session.fastPut(join(home, "source"), "copied file", { mode: 0o640 }, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
    assert.ok((await readFile(join(home, "copied file"))).equals(content));
    const stats = await promised<{ mode: number; size: number }>((done) =>
      session.stat("copied file", done),
    );
    assert.equal(stats.size, content.length);
    assert.equal(stats.mode & 0o777, 0o640);
  });

  it("copies a file for OpenSSH's own scp, where there is one", async function () {
    if (spawnSync("scp").error !== undefined) leaveOut(this, "scp is not on PATH");
    const { port } = await start();
    const keyPath = join(home, "key");
    await writeFile(keyPath, clientKey.privateKeyPem, { mode: 0o600 });
    const knownPath = join(home, "known");
    await writeFile(knownPath, `[127.0.0.1]:${String(port)} ${hostKey.publicKeyLine}\n`);
    const settings = [`UserKnownHostsFile=${knownPath.replaceAll(" ", "\\ ")}`, "BatchMode=yes"];
    const words = ["-F", "none", "-i", keyPath, "-P", String(port)];
    for (const setting of settings) words.push("-o", setting);
    await promisify(execFile)("scp", [...words, keyPath, "keyturn@127.0.0.1:copy"]);
    assert.equal(await text("copy"), clientKey.privateKeyPem);
  });

  it("makes, lists, renames and removes by SFTP", async () => {
    const session = await sftp(await signIn());
    await promised((done) => session.mkdir("folder", done));
    await promised((done) => session.writeFile("folder/a", "one", done));
    await promised((done) => session.writeFile("folder/b", "two", done));
    await assert.rejects(promised((done) => session.rename("folder/a", "folder/b", done)));
    await promised((done) => session.rename("folder/a", "folder/c", done));
    const list = await promised<readonly { filename: string }[]>((done) =>
      session.readdir("folder", done),
    );
    assert.deepEqual(list.map((entry) => entry.filename).sort(), ["b", "c"]);
    assert.equal(await promised<string>((done) => session.realpath(".", done)), home);
    await promised((done) => session.chmod("folder/c", 0o600, done));
    await assert.rejects(promised((done) => session.rmdir("folder", done)));
    await promised((done) => session.unlink("folder/b", done));
    await promised((done) => session.unlink("folder/c", done));
    await promised((done) => session.rmdir("folder", done));
    await assert.rejects(
      promised((done) => session.stat("folder", done)),
      /No such file/,
    );
  });

  it("refuses connections while the port is closed, and takes them again after", async () => {
    const settings = await start();
    await server.faults.set({ kind: "refuse" });
    await assert.rejects(connect(settings), /ECONNREFUSED/);
    await server.faults.clear();
    client = await connect(settings);
  });

  it("accepts and never answers while it is silent", async () => {
    const settings = await start();
    await server.faults.set({ kind: "silent", times: 1 });
    await assert.rejects(connect({ ...settings, readyTimeout: 300 }), /Timed out/);
    client = await connect(settings);
  });

  it("cuts the connection after the given bytes of input", async () => {
    const settings = await start();
    await server.faults.set({ kind: "cut", afterBytes: 70_000, times: 1 });
    const signedIn = await connect(settings);
    const { channel } = await open(signedIn, "trap '' HUP; cat > cut; echo end > eof");
    signedIn.on("error", () => undefined);
    channel.end(Buffer.alloc(200_000, "x"));
    await until("the command saw the end", async () => (await text("eof")) === "end\n");
    assert.equal((await text("cut"))?.length, 70_000);
    client = await connect(settings);
  });

  it("answers late while it is slow", async () => {
    const settings = await start();
    await server.faults.set({ kind: "slow", delayMs: 150 });
    const before = Date.now();
    client = await connect(settings);
    assert.equal((await run(client, "cat", "slow")).stdout, "slow");
    assert.ok(Date.now() - before >= 300);
  });

  async function text(name: string): Promise<string | undefined> {
    return readFile(join(home, name), "utf8").catch(() => undefined);
  }
});
