// The look-alike of cmd.exe: its words, and commands over the lab's SSH server.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "ssh2";
import { createKeyPair } from "../../host/keys";
import { UnknownToCmd, wordsOf } from "../../host/ssh/cmd/line";
import { SshServer } from "../../host/ssh/server";
import { compiled } from "../../../../test/helpers/paths";
import { connect, run } from "./ssh-client";

describe("a command line of cmd.exe", () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ["ends words at blanks", "sh  update.sh\tapply", ["sh", "update.sh", "apply"]],
    ["keeps a double-quoted blank", '"a b"c d', ["a bc", "d"]],
    ["keeps an empty word", 'a "" b', ["a", "", "b"]],
    ["takes a single quote for a character", "a 'b c'", ["a", "'b", "c'"]],
    ["takes $, ; and a backquote for characters", "echo $HOME;`id`", ["echo", "$HOME;`id`"]],
    ["keeps backslashes before anything but a quote", "C:\\a\\ b", ["C:\\a\\", "b"]],
    ["takes a quote behind one backslash for a character", 'a\\"b c', ['a"b', "c"]],
    ["makes one of two backslashes before a quote", '"a\\\\" b', ["a\\", "b"]],
    ["puts a variable in, whatever its letters", "%ProgramData%/x", ["C:/Data/x"]],
    ["puts a variable in within double quotes too", '"%PROGRAMDATA% x"', ["C:/Data x"]],
    ["leaves an unknown variable as it is", "%nothing% x", ["%nothing%", "x"]],
    ["takes an operator within double quotes for a character", '"a & b"', ["a & b"]],
  ];
  for (const [law, line, words] of cases)
    it(law, () => assert.deepEqual(wordsOf(line, { PROGRAMDATA: "C:/Data" }), words));

  for (const line of ["a & b", "a | b", "a > b", "a ^ b", 'x "y" & "z"', "%AMP%", " "])
    it(`is not taken: ${line}`, () =>
      assert.throws(() => wordsOf(line, { AMP: "a&b" }), UnknownToCmd));
});

describe("cmd.exe's look-alike as the default shell", () => {
  let home: string;
  let server: SshServer;
  let client: Client;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "keyturn cmd "));
    const [hostKey, clientKey] = [createKeyPair(), createKeyPair()];
    server = new SshServer({
      user: "keyturn",
      hostKey,
      authorizedKey: clientKey.publicKeyLine,
      home,
      environment: { PATH: "/usr/bin:/bin", HOME: home },
      shell: [process.execPath, compiled("packages/lab/host/ssh/cmd/main.ts"), "/c"],
      acceptEnv: [],
      hangUpOnDisconnect: true,
    });
    await server.listen(0);
    const { privateKeyPem: privateKey } = clientKey;
    client = await connect({ port: server.port, username: "keyturn", privateKey });
  });
  afterEach(async () => {
    client.end();
    await server.close();
    await rm(home, { recursive: true });
  });

  it("passes input, output and exit code through", async () => {
    assert.equal((await run(client, "cat", "é\r\n")).stdout, "é\r\n");
    const { stdout, code } = await run(client, "sh -s 21", "echo report; exit $1\n");
    assert.deepEqual([stdout, code], ["report\n", 21]);
  });

  it("says in cmd.exe's words that there is no such program, with 1", async () => {
    const { stderr, code } = await run(client, "nothing-of-this-name apply");
    assert.match(stderr, /^'nothing-of-this-name' is not recognized as an internal or external/);
    assert.equal(code, 1);
  });

  it("starts nothing for a line that cmd.exe would take apart", async () => {
    const { stdout, stderr, code } = await run(client, "echo a & echo b");
    assert.deepEqual([stdout, code], ["", 1]);
    assert.match(stderr, /"&" outside double quotes/);
  });
});
