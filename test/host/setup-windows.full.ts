// host/setup.ps1 on PowerShell for Linux, with Windows' cmdlets replaced (fixtures/windows.ps1): what it decides, asks of
// Windows and writes. That Windows does what it is asked is for the public workflow to show.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { findProgram } from "../helpers/interpreters";
import { fixture, inClone } from "../helpers/paths";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
const NEXT = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIJ3Nv0jBfXW5mAUEXSdmuBEWwAeh4EWbcJwHPyT0Bqm";
const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVVUqZmCWnhjUDWFmPvSEDQnZ8FmAYl3gDIjRjU9nQN";
const DEFAULT_CONFIG =
  "#Port 22\r\nSubsystem sftp sftp-server.exe\r\nMatch Group administrators\r\n" +
  "       AuthorizedKeysFile __PROGRAMDATA__/ssh/administrators_authorized_keys";
const LINE = `restrict,from="192.0.2.10" ${KEY} keyturn`;
const BLOCK = [
  "# keyturn setup: begin",
  "Match User svc-keyturn",
  "  PubkeyAuthentication yes",
  "  AuthenticationMethods publickey",
  "  PasswordAuthentication no",
  "  AuthorizedKeysFile __PROGRAMDATA__/ssh/administrators_authorized_keys",
  "# keyturn setup: end",
  "",
].join("\r\n");

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Parameters = Readonly<Record<string, string | boolean>>;

/** One PowerShell for all cases. */
class Shell {
  private readonly child = spawn(
    "pwsh",
    ["-NoProfile", "-NonInteractive", "-File", fixture(__dirname, "fixtures", "windows.ps1")],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  private readonly answers = createInterface(this.child.stdout)[Symbol.asyncIterator]();

  async run(folder: string, parameters: Parameters): Promise<Ran> {
    const script = inClone("host/setup.ps1");
    this.child.stdin.write(`${JSON.stringify({ script, folder, parameters })}\n`);
    const answer = await this.answers.next();
    if (answer.done === true) throw new Error("PowerShell has ended.");
    return JSON.parse(answer.value) as Ran;
  }

  close(): void {
    this.child.kill();
  }
}

/** A Windows of files. */
class FakeWindows {
  readonly folder = mkdtempSync(join(tmpdir(), "keyturn-windows-"));
  readonly keysFile = this.path("data/ssh/administrators_authorized_keys");
  readonly config = this.path("data/ssh/sshd_config");

  constructor(private readonly shell: Shell) {
    this.write("fake/host_key.pub", `${HOST_KEY} system@host\r\n`);
    this.write("fake/default_config", DEFAULT_CONFIG);
    const sshd = 'grep -q Nonsense "$ProgramData/ssh/sshd_config" && exit 255\nexit 0';
    this.write("windows/System32/OpenSSH/sshd.exe", `#!/bin/sh\n${sshd}\n`, 0o755);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, content: string | Buffer, mode = 0o644): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content, { mode });
  }

  /** An SSH server that was there before. */
  withServer(keys?: string | Buffer): void {
    this.write("fake/sshd", "Automatic Running");
    this.write("fake/rules/OpenSSH-Server-In-TCP", "True 22 Any");
    this.write("data/ssh/sshd_config", DEFAULT_CONFIG);
    this.write("data/ssh/ssh_host_ed25519_key.pub", `${HOST_KEY} system@host\r\n`);
    if (keys !== undefined) this.write("data/ssh/administrators_authorized_keys", keys);
  }

  run(parameters: Parameters): Promise<Ran> {
    return this.shell.run(this.folder, parameters);
  }

  setUp(more: Parameters = {}): Promise<Ran> {
    return this.run({ Key: `${KEY} runner@ci`, From: "192.0.2.10", HostName: "sesar", ...more });
  }

  /** What was asked of Windows since the last time. */
  calls(): string[] {
    const text = this.read("fake/calls");
    rmSync(this.path("fake/calls"), { force: true });
    return text.replaceAll(this.folder, "").split("\n").slice(0, -1);
  }

  read(name: string): string {
    try {
      return readFileSync(this.path(name), "latin1");
    } catch {
      return "";
    }
  }

  /** Every file but the log and the list of calls, by name. */
  standing(): Record<string, string> {
    const names = readdirSync(this.folder, { recursive: true, encoding: "utf8" }).sort();
    const ours = names.filter(
      (name) => !/setup\.log$|calls$|^fake\/(acl|admins|users)|KeyturnSetup/.test(name),
    );
    return Object.fromEntries(ours.map((name) => [name, this.read(name)]));
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

describe("setup.ps1", function () {
  this.timeout(120_000);
  if (findProgram("pwsh") === undefined) {
    it("is not run: pwsh is not on PATH");
    return;
  }
  let windows: FakeWindows;
  let shell: Shell;
  before(() => {
    shell = new Shell();
  });
  after(() => (shell as Shell | undefined)?.close());
  beforeEach(() => {
    windows = new FakeWindows(shell);
  });
  afterEach(() => windows.close());

  it("installs and starts the server, makes the account, closes key and folder, and opens the firewall for the runner", async () => {
    const told = await windows.setUp({ WhatIf: true });
    assert.equal(told.status, 1, told.stderr);
    assert.match(told.stderr, /would: install the OpenSSH server/);
    assert.deepEqual([windows.calls(), windows.read("data/KeyturnSetup/made")], [[], ""]);
    const done = await windows.setUp();
    assert.equal(done.status, 0, done.stderr);
    const closed = (path: string, right: string): string[] => [
      `icacls ${path} /reset /q`,
      `icacls ${path} /setowner *S-1-5-32-544 /q`,
      `icacls ${path} /inheritance:r /grant:r *S-1-5-18:${right} *S-1-5-32-544:${right} /q`,
    ];
    assert.deepEqual(windows.calls(), [
      ...closed("/data/KeyturnSetup", "(OI)(CI)F"),
      "capability OpenSSH.Server~~~~0.0.1.0",
      "service Automatic",
      "start",
      "account svc-keyturn 60 True",
      "member S-1-5-32-544 svc-keyturn",
      ...closed("/data/Keyturn", "(OI)(CI)F"),
      ...closed("/data/ssh/administrators_authorized_keys", "F"),
      "restart",
      "rule Keyturn-SSH Inbound TCP 22 Allow Any 192.0.2.10",
      "disable OpenSSH-Server-In-TCP",
    ]);
    assert.equal(readFileSync(windows.keysFile, "latin1"), `${LINE}\n`);
    assert.equal(readFileSync(windows.config, "latin1"), `${DEFAULT_CONFIG}\r\n${BLOCK}`);
    assert.equal(
      done.stdout,
      `      connection:\n        host: sesar\n        port: 22\n        user: svc-keyturn\n        hostKey: ${HOST_KEY}\n`,
    );
    const again = await windows.setUp();
    assert.match(again.stderr, /nothing to do/);
    assert.deepEqual([again.status, windows.calls()], [0, []]);
    assert.equal((await windows.setUp({ WhatIf: true })).status, 0);
  });

  it("undoes what it made on a host whose server was there, and leaves the rest byte for byte", async () => {
    windows.withServer("ssh-ed25519 HERS hers\r\nssh-rsa HIS his");
    const stood = windows.standing();
    const done = await windows.setUp();
    assert.equal(done.status, 0, done.stderr);
    assert.match(done.stderr, /OpenSSH-Server-In-TCP of the firewall was there before/);
    const keys = `ssh-ed25519 HERS hers\r\nssh-rsa HIS his\r\n${LINE}\r\n`;
    assert.equal(readFileSync(windows.keysFile, "latin1"), keys);
    windows.write("data/Keyturn/update-0123abcd.ps1", "");
    windows.calls();
    const undone = await windows.run({ Undo: true });
    assert.equal(undone.status, 0, undone.stderr);
    assert.deepEqual(windows.calls(), ["no rule Keyturn-SSH", "no account svc-keyturn", "restart"]);
    const ended = {
      "data/ssh/administrators_authorized_keys": "\r\n",
      "data/ssh/sshd_config": "\r\n",
    };
    for (const [name, end] of Object.entries(ended)) stood[name] = `${stood[name] ?? ""}${end}`;
    assert.deepEqual(windows.standing(), stood);
    assert.match((await windows.run({ Undo: true })).stderr, /nothing to undo/);
  });

  it("puts another key and address in the place of its own", async () => {
    windows.withServer();
    await windows.setUp();
    windows.calls();
    const done = await windows.run({
      Key: NEXT,
      From: "198.51.100.0/24,2001:db8::1",
      HostName: "sesar",
    });
    assert.equal(done.status, 0, done.stderr);
    const line = `restrict,from="198.51.100.0/24,2001:db8::1" ${NEXT} keyturn\n`;
    assert.equal(readFileSync(windows.keysFile, "latin1"), line);
    assert.deepEqual(windows.calls(), [
      "no rule Keyturn-SSH",
      "rule Keyturn-SSH Inbound TCP 22 Allow Any 198.51.100.0/24 2001:db8::1",
    ]);
  });

  it("closes a file of keys that others have access to", async () => {
    windows.withServer(`${LINE}\n`);
    windows.write("data/KeyturnSetup/made", `key ${LINE}\n`);
    windows.write(
      `fake/acl/${windows.path("data/KeyturnSetup").replaceAll("/", "_")}`,
      "O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)",
    );
    assert.equal((await windows.setUp()).status, 0);
    assert.match(windows.calls().join("\n"), /administrators_authorized_keys \/inheritance:r/);
  });

  it("takes an account for its own that a broken off run has made and not written down", async () => {
    windows.withServer();
    windows.write("fake/users/svc-keyturn", "S-1-5-21-7|Keyturn, made by setup.ps1");
    assert.equal((await windows.setUp()).status, 0);
    assert.match(windows.calls().join("\n"), /member S-1-5-32-544 svc-keyturn/);
    assert.equal((await windows.run({ Undo: true })).status, 0);
    assert.match(windows.calls().join("\n"), /no account svc-keyturn/);
  });

  it("restarts the server for settings that a broken off run has written", async () => {
    windows.withServer();
    await windows.setUp();
    windows.calls();
    const made = windows.read("data/KeyturnSetup/made");
    windows.write("data/KeyturnSetup/made", `${made}restart sshd\n`);
    await windows.setUp();
    assert.deepEqual(windows.calls(), ["restart"]);
  });

  it("puts the settings back when the server cannot read them, and says what stands", async () => {
    windows.withServer();
    windows.write("data/ssh/sshd_config", `Nonsense yes\n${DEFAULT_CONFIG}`);
    const { status, stderr } = await windows.setUp();
    assert.match(stderr, /not possible to let svc-keyturn in by key only.*ended with 255/);
    assert.match(stderr, /-Undo removes it/);
    assert.deepEqual(
      [status, windows.read("data/ssh/sshd_config")],
      [3, `Nonsense yes\n${DEFAULT_CONFIG}`],
    );
    assert(!windows.calls().includes("restart"));
  });

  it("names the way out when updates come from a WSUS", async () => {
    windows.write("fake/wsus", "");
    const { status, stderr } = await windows.setUp();
    assert.match(stderr, /0x800f0954.*Features on Demand/);
    assert.equal(status, 3);
  });

  it("takes every command of docs/host-setup.md", async () => {
    const page = readFileSync(inClone("docs/host-setup.md"), "utf8");
    const commands = [...page.matchAll(/^ {4}powershell .* -File setup\.ps1 (.*)$/gm)];
    const statuses: (number | null)[] = [];
    for (const [, words = ""] of commands) {
      const given = [...words.matchAll(/-(\w+)(?: (?!-)("[^"]*"|\S+))?/g)];
      const parameters = given.map(([, name = "", value]): [string, string | boolean] => [
        name,
        value === '"$(Get-Content keyturn_runner.pub)"' ? KEY : (value ?? true),
      ]);
      statuses.push((await windows.run(Object.fromEntries(parameters))).status);
    }
    assert.deepEqual(statuses, [1, 0, 0]);
  });

  describe("refuses, with every problem at once and nothing changed,", () => {
    const refuses = (
      law: string,
      given: () => void,
      words: Parameters,
      says: readonly RegExp[],
    ): void => {
      it(law, async () => {
        given();
        const stood = windows.standing();
        const { status, stdout, stderr } = await windows.run(words);
        for (const each of says) assert.match(stderr, each);
        assert.deepEqual([status, stdout, windows.calls(), windows.standing()], [2, "", [], stood]);
      });
    };
    const good: Parameters = { Key: KEY, From: "192.0.2.10" };

    refuses(
      "input that is wrong in every argument",
      () => windows.write("fake/ordinary", ""),
      {
        Key: "ssh-rsa AAAAB3NzaC1yc2E",
        From: "10.0.0.5/24,300.1.1.1,1::2::3,10.1",
        User: "Bad Name",
        HostName: "a b",
        ScriptDirectory: "/srv/../etc",
      },
      [
        /elevated/,
        /an RSA key/,
        /10\.0\.0\.5\/24/,
        /300\.1\.1\.1/,
        /1::2::3/,
        /'10\.1'/,
        /-User must/,
        /-HostName must/,
        /-ScriptDirectory must/,
      ],
    );
    refuses(
      "a private key, without repeating it",
      () => undefined,
      { Key: "-----BEGIN OPENSSH PRIVATE KEY-----" },
      [/is a private key/, /-From must be/],
    );
    refuses(
      "keys in UTF-16, settings with a byte order mark, another shell, and an account that is no administrator",
      () => {
        windows.withServer(Buffer.from("\uFEFFssh-ed25519 HERS hers\r\n", "utf16le"));
        windows.write(
          "data/ssh/sshd_config",
          Buffer.from(`\uFEFFPubkeyAuthentication no\n`, "utf8"),
        );
        windows.write("fake/shell", "C:\\Program Files\\Git\\bin\\bash.exe");
        windows.write("fake/users/svc-keyturn", "S-1-5-21-9");
      },
      good,
      [
        /administrators_authorized_keys must be plain ASCII or UTF-8, but is UTF-16/,
        /sshd_config must be .*byte order mark/,
        /DefaultShell must be cmd\.exe/,
        /must be an administrator/,
        /Match Group administrators/,
      ],
    );
    refuses(
      "a script folder that was open and holds something, and the key with other options",
      () => {
        windows.withServer(`${KEY} mine\n`);
        windows.write("data/Keyturn/update-0123abcd.ps1", "planted");
      },
      good,
      [/Keyturn must be empty or closed/, /with other options/],
    );
  });
});
