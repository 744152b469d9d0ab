// A consumer's files go into the config byte for byte, on the real command line where it is installed; what is in another
// encoding is refused by the encoding's name, and the config file stays as it was.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createKeyPair } from "../../../lab/host/keys";
import { setSecrets } from "../../actions/set-secrets";
import { runEngine } from "../../engine";
import { type Project, findProject } from "../../project/project";
import { UsageError } from "../../usage-error";
import { leaveOut } from "../../../../test/helpers/leave-out";

const home = process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
const bin = process.env["KEYTURN_PULUMI_BIN"] ?? join(home, "versions", "3.259.0", "bin");
const CONFIG = `
config:
  # Two of them.
  keyturn:consumers:
    - name: archive
    - name: north
  keyturn:every: P6M
`;

describe("setSecrets", function () {
  this.timeout(120_000);
  const environment = { ...process.env };
  let folder: string;
  let stackFile: string;
  let project: Project;

  before(async function () {
    if (!existsSync(join(bin, "pulumi"))) leaveOut(this, "the engine is not in place");
    folder = mkdtempSync(join(tmpdir(), "keyturn-secrets-"));
    stackFile = join(folder, "Pulumi.dev.yaml");
    writeFileSync(join(folder, "Pulumi.yaml"), "name: keyturn\nruntime: nodejs\n");
    mkdirSync(join(folder, "state"));
    for (const name of ["PULUMI_OPTION_CWD", "PULUMI_STACK", "INIT_CWD"]) {
      Reflect.deleteProperty(process.env, name);
    }
    process.env["PATH"] = `${bin}${delimiter}${process.env["PATH"] ?? ""}`;
    process.env["PULUMI_BACKEND_URL"] = `file://${join(folder, "state")}`;
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "of a test";
    await runEngine({ workDir: folder, environment: {} }, ["stack", "init", "dev"]);
    writeFileSync(stackFile, readFileSync(stackFile, "utf8") + CONFIG);
    project = await findProject({ dir: folder, stack: "dev" });
  });
  after(() => {
    // Other files of tests run in this process: the environment stays the real one.
    for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, environment);
    rmSync(folder, { recursive: true, force: true });
  });

  const given = (name: string, bytes: Buffer | string): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const set = (consumer: string, files: Parameters<typeof setSecrets>[1]): Promise<string> =>
    setSecrets(consumer, files, { dir: folder, stack: "dev" });
  const kept = (consumer: string, key: string): Promise<string | undefined> =>
    project.stack.configValue(`consumerSecrets.${consumer}.${key}`, stackFile);

  const files: readonly [what: string, text: string][] = [
    ["that ends in CRLF", '{\r\n  "path": "D:\\\\Données"\r\n}\r\n'],
    ["without a line end at its end", '{"a":"ß😀"}'],
    ["with a byte order mark, that ends in half a line end", "\uFEFF{}\n\r"],
  ];
  for (const [what, text] of files) {
    it(`keeps every byte of a file ${what}`, async () => {
      await set("archive", { file: given("instance.json", text) });
      assert.equal(await kept("archive", "file"), text);
    });
  }

  it("sets both files of one consumer beside another's, keeps comments, and says nothing that is secret", async () => {
    await set("north", { file: given("north.json", "{}\n") });
    const key = createKeyPair().privateKeyPem.replaceAll("\n", "\r\n");
    const said = await set("archive", {
      privateKey: given("id", key),
      file: given("instance.json", "{ }\r\n"),
    });
    assert.equal(
      said,
      'Pulumi.dev.yaml: consumerSecrets["archive"]["privateKey"] and consumerSecrets["archive"]["file"] set, ' +
        "encrypted. Review and commit it; the next run acts on it.",
    );
    assert.deepEqual(
      [
        await kept("archive", "privateKey"),
        await kept("archive", "file"),
        await kept("north", "file"),
      ],
      [key, "{ }\r\n", "{}\n"],
    );
    const text = readFileSync(stackFile, "utf8");
    assert.match(text, /# Two of them\./);
    assert(!text.includes(key.slice(60, 100)));
  });

  it("refuses files in other encodings, each by its encoding and place, in one error, and leaves the config as it was", async () => {
    const before = readFileSync(stackFile, "utf8");
    const text = '{\r\n  "path": "D:\\\\Données"\r\n}\r\n';
    const refused = async (files: Parameters<typeof setSecrets>[1]): Promise<string> => {
      const error: unknown = await set("archive", files).then(
        () => undefined,
        (one: unknown) => one,
      );
      assert(error instanceof UsageError);
      assert.doesNotMatch(error.message, /Donn|D:/);
      return error.message;
    };
    const ansi = given("ansi.json", Buffer.from(text, "latin1"));
    const wide = given("wide", Buffer.from(`\uFEFF${text}`, "utf16le"));
    assert.match(
      await refused({ file: ansi, privateKey: wide }),
      /ansi\.json must be in UTF-8, but is not at line 2, column 20: it seems to be in Windows-1252, .*\n.*wide must be in UTF-8, but is in UTF-16 \(little-endian\)\./,
    );
    const big = given("big.json", Buffer.from(text, "utf16le").swap16());
    assert.match(
      await refused({ file: big, privateKey: join(folder, "nowhere") }),
      /UTF-16 \(big-endian, without a mark\)\. .*\n.*nowhere cannot be read \(ENOENT\)\./,
    );
    assert.equal(readFileSync(stackFile, "utf8"), before);
  });

  it("refuses a key that nobody could sign in with, with the line that turns it", async () => {
    const privateKey = given("id.ppk", "PuTTY-User-Key-File-3: ssh-ed25519\r\n");
    await assert.rejects(
      set("archive", { privateKey }),
      /id\.ppk must be a private key .*puttygen id\.ppk/,
    );
  });

  it("refuses a consumer that the config does not name, and a call without a file", async () => {
    const file = given("instance.json", "{}");
    await assert.rejects(
      set("south", { file }),
      /^UsageError: south must be a consumer .*archive, north\./,
    );
    await assert.rejects(set("archive", {}), /Give --private-key, --file or both/);
  });
});
