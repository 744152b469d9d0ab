// What a host says of the place of its update script: a real folder asked by a real shell, over a real connection.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Client, Server } from "ssh2";
import { createKeyPair } from "../../../packages/lab/host/keys";
import { scriptProblem } from "../../../src/steps/ask-host";
import { openOnWindows, openTo, parsePosix } from "../../../src/steps/script-place";
import { leaveOut } from "../../helpers/leave-out";

const STRANGER = 54_321;
const isPosix = process.platform !== "win32";

describe("the place of the update script", function () {
  let folder = "";
  let script = "";
  let client: Client;
  let server: Server;
  /** What a host answers in the place of its shell; undefined: its shell does. */
  let answer: string | undefined;
  /** What was asked for, a command line each. */
  let asked: string[] = [];
  /** Whether the host takes the command and says nothing. */
  let silent = false;

  before(async () => {
    const pair = createKeyPair();
    server = new Server({ hostKeys: [pair.privateKeyPem] }, (connection) => {
      connection.on("error", () => undefined);
      connection.on("authentication", (context) => context.accept());
      connection.on("session", (accept) =>
        accept().on("exec", (take, _, { command }) => {
          const channel = take();
          asked.push(command);
          if (silent) return;
          const [program = "", ...words] = command.split(" ");
          const shell = spawn(
            answer === undefined ? program : "cat",
            answer === undefined ? words : [],
            {
              cwd: folder,
              stdio: ["pipe", "pipe", "ignore"],
            },
          );
          channel.pipe(shell.stdin);
          if (answer === undefined) shell.stdout.on("data", (chunk) => channel.write(chunk));
          else shell.stdout.resume();
          shell.once("close", (code) => {
            channel.write(answer ?? "");
            channel.exit(code ?? 1);
            channel.end();
          });
        }),
      );
    });
    await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    client = new Client();
    await new Promise<void>((ready, failed) => {
      client.once("ready", ready).once("error", failed);
      client.connect({ host: "127.0.0.1", port, username: "svc", privateKey: pair.privateKeyPem });
    });
  });
  after(async () => {
    client.end();
    await new Promise<void>((done) => void server.close(() => done()));
  });
  beforeEach(() => {
    answer = undefined;
    asked = [];
    silent = false;
    folder = mkdtempSync(join(tmpdir(), "keyturn-place-"));
    script = join(folder, "keyturn", "update-01234567.sh");
    mkdirSync(dirname(script), { mode: 0o755 });
    writeFileSync(script, "", { mode: 0o644 });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const problem = (scriptPath = script, seconds = 10): Promise<string | undefined> => {
    const onWindows = scriptPath.endsWith(".ps1");
    return scriptProblem(client, { where: "the SSH server", onWindows, scriptPath }, seconds);
  };

  const asRoot = (context: Mocha.Context): void => {
    if (process.getuid?.() !== 0) leaveOut(context, "only root gives a file to another user");
  };

  before(function () {
    if (!isPosix) leaveOut(this, "a Windows host is asked otherwise");
  });

  it("is well where it is the user's own, and where nothing is there yet", async () => {
    assert.equal(await problem(), undefined);
    assert.deepEqual(asked, ["sh -s"]);
    rmSync(dirname(script), { recursive: true });
    assert.equal(await problem(), undefined);
  });

  const faults: readonly [string, () => void, RegExp][] = [
    [
      "a script that others may write",
      () => chmodSync(script, 0o646),
      /its file there is -rw-r--rw- /,
    ],
    [
      "a script that is a link",
      () => {
        rmSync(script);
        symlinkSync("/etc/hostname", script);
      },
      /its file there is l/,
    ],
    [
      "a folder that others may write",
      () => chmodSync(dirname(script), 0o777),
      /its folder there is drwxrwxrwx /,
    ],
    [
      "a sticky folder, in which a stranger's script may lie",
      () => chmodSync(dirname(script), 0o1777),
      /its folder there is drwxrwxrwt /,
    ],
    [
      "a folder above it that others may write",
      () => chmodSync(folder, 0o777),
      /its folder above it there is drwxrwxrwx /,
    ],
  ];
  for (const [what, make, says] of faults) {
    it(`is named when it is ${what}`, async () => {
      make();
      const said = await problem();
      assert.match(said ?? "", says);
      assert.match(
        said ?? "",
        /^the SSH server must keep the update script where nobody else may write, .*host\/setup\.sh does it/,
      );
    });
  }

  it("is well below a folder that is open to all but sticky", async () => {
    chmodSync(folder, 0o1777);
    assert.equal(await problem(), undefined);
  });

  it("is named when a stranger owns it", async function () {
    asRoot(this);
    chownSync(dirname(script), STRANGER, STRANGER);
    assert.match(
      (await problem()) ?? "",
      /its folder there is drwxr-xr-x of user 54321, group 54321/,
    );
  });

  it("is asked in a relative folder too, from where the session begins", async () => {
    chmodSync(script, 0o646);
    assert.match(
      (await problem("keyturn/update-01234567.sh")) ?? "",
      /its file there is -rw-r--rw- /,
    );
    assert.equal(await problem("elsewhere/update-01234567.sh"), undefined);
  });

  it("is no worse for a host that says something else, or nothing within the bound", async () => {
    chmodSync(script, 0o646);
    answer = "sh: not found\n";
    assert.equal(await problem(), undefined);
    silent = true;
    assert.equal(await problem(script, 0.2), undefined);
  });

  it("is judged by the group of the user's own name only", () => {
    const of = (own: string, group: string): string[] =>
      openTo(
        parsePosix(
          `Welcome!\nkeyturn-place user 7 8 ${own}\nkeyturn-place folder drwxrwxr-x 2 7 ${group} 4096 Nov 29 k\n`,
        ),
      );
    assert.deepEqual(of("yes", "8"), []);
    assert.deepEqual(of("no", "0"), []);
    assert.equal(of("no", "8").length, 1);
    assert.equal(of("yes", "9").length, 1);
  });

  it("is a regular file in a folder, no link to one", () => {
    for (const place of ["file drwxr-xr-x", "file lrwxr-xr-x", "folder -rwxr-xr-x"]) {
      const said = `keyturn-place user 7 8 no\nkeyturn-place ${place} 1 7 8 4096 Nov 29 k\n`;
      assert.equal(openTo(parsePosix(said)).length, 1, place);
    }
  });

  it("is asked in one start of PowerShell with the policy, which is told first", async () => {
    answer = "keyturn-policy Restricted FullLanguage\r\nkeyturn-place folder S-1-5-11 .\r\n";
    const said = await problem("C:/ProgramData/Keyturn/update-01234567.ps1");
    assert.match(said ?? "", /Restricted.* refuses it/);
    assert.equal(asked.length, 1);
  });

  it("is asked of a Windows host's access lists, and named by security identifier", async () => {
    answer = "Hello\r\nkeyturn-place file  .\r\nkeyturn-place folder S-1-5-11,S-1-5-32-545 .\r\n";
    const said = await problem("C:/ProgramData/Keyturn/update-01234567.ps1");
    assert.match(asked.join(), /^powershell\.exe [^,]*-Command -$/);
    assert.match(
      said ?? "",
      /but its folder there is written or owned by S-1-5-11, S-1-5-32-545\. .*host\/setup\.ps1 does it/,
    );
    assert.deepEqual(openOnWindows("keyturn-place file  .\r\nkeyturn-place folder  .\r\n"), []);
  });
});
