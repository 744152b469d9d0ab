// Changes of a stack's file by the engine itself, on the real command line where it is installed.
import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { runEngine } from "../../engine";
import { changeConfig } from "../../project/change-config";
import type { ConfigChange } from "../../project/config-change";
import { type Project, findProject } from "../../project/project";
import { UsageError } from "../../usage-error";
import { leaveOut } from "../../../../test/helpers/leave-out";

const home = process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
const bin = process.env["KEYTURN_PULUMI_BIN"] ?? join(home, "versions", "3.259.0", "bin");

const KEY_ID = "59891cef-5d80-416a-a970-4fa9248382f8";
const CONFIRMED: readonly ConfigChange[] = [
  { path: ["confirmations", "ci-sync", "keyId"], value: KEY_ID },
  { path: ["confirmations", "ci-sync", "on"], value: "2026-11-21" },
];
const RAISED: readonly ConfigChange[] = [{ path: ["generation"], value: 1 }];

const FILE = `# Ours.
config:
  # Two weeks, agreed with operations.
  keyturn:overlap: 'P14D' # see the ticket
  keyturn:generation: "0"
  keyturn:consumers:
    - name: archive
      # Raise by one after a repair.
      retry: 0
    - {name: ci-sync, preset: "ci-sync"}
  # Written by keyturn confirm.
  keyturn:confirmations: {}
  aws:region: eu-central-1
# The end.
`;

describe("changeConfig", function () {
  this.timeout(120_000);
  const environment = { ...process.env };
  let folder: string;
  let project: Project;
  let file: string;

  before(async function () {
    if (!existsSync(join(bin, "pulumi"))) leaveOut(this, "the engine is not in place");
    folder = mkdtempSync(join(tmpdir(), "keyturn-change-"));
    file = join(folder, "Pulumi.dev.yaml");
    writeFileSync(
      join(folder, "Pulumi.yaml"),
      "name: keyturn\nruntime: nodejs\nconfig:\n  every: {type: string, default: P6M}\n",
    );
    mkdirSync(join(folder, "state"));
    delete process.env["PULUMI_OPTION_CWD"];
    delete process.env["PULUMI_STACK"];
    process.env["PATH"] = `${bin}${delimiter}${process.env["PATH"] ?? ""}`;
    process.env["PULUMI_BACKEND_URL"] = `file://${join(folder, "state")}`;
    const passphrase = { PULUMI_CONFIG_PASSPHRASE: "only to make the stack" };
    await runEngine({ workDir: folder, environment: passphrase }, ["stack", "init", "dev"]);
    project = await findProject({ dir: folder, stack: "dev" });
  });
  beforeEach(() => {
    rmSync(file, { force: true });
    writeFileSync(file, FILE, { mode: 0o640 });
  });
  after(() => {
    // Other files of tests run in this process: the environment stays the real one.
    for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, environment);
    rmSync(folder, { recursive: true, force: true });
  });

  const change = async (changes: readonly ConfigChange[]): Promise<string> =>
    changeConfig({ project, config: await project.stack.config(project.name) }, changes);

  /** Refused, and the file and its folder are as they were. */
  async function refuses(text: string, changes: readonly ConfigChange[], words: RegExp) {
    writeFileSync(file, text);
    const names = readdirSync(folder);
    await assert.rejects(
      change(changes),
      (error: unknown) => error instanceof UsageError && words.test(error.message),
    );
    assert.equal(readFileSync(file, "utf8"), text);
    assert.deepEqual(readdirSync(folder), names);
  }

  it("keeps comments, order, quotes and the file's mode, and says the lines that changed", async () => {
    const said = await change([...RAISED, { path: ["consumers", 1, "retry"], value: 1 }]);
    const expected = FILE.replace('generation: "0"', 'generation: "1"').replace(
      '{name: ci-sync, preset: "ci-sync"}',
      '{name: ci-sync, preset: "ci-sync", retry: 1}',
    );
    assert.equal(readFileSync(file, "utf8"), expected);
    assert.equal(statSync(file).mode & 0o777, 0o640);
    assert.equal(
      said,
      [
        "Pulumi.dev.yaml:",
        '  -   keyturn:generation: "0"',
        '  +   keyturn:generation: "1"',
        '  -     - {name: ci-sync, preset: "ci-sync"}',
        '  +     - {name: ci-sync, preset: "ci-sync", retry: 1}',
      ].join("\n"),
    );
  });

  it("writes a date that every reader takes for a text", async () => {
    await change(CONFIRMED);
    assert.match(readFileSync(file, "utf8"), /"on": "2026-11-21"/);
    const { confirmations } = await project.stack.config(project.name);
    assert.deepEqual(confirmations, { "ci-sync": { keyId: KEY_ID, on: "2026-11-21" } });
  });

  it("changes a file with CRLF in its own line ends", async () => {
    writeFileSync(file, FILE.replaceAll("\n", "\r\n"));
    await change(RAISED);
    const expected = FILE.replace('generation: "0"', 'generation: "1"').replaceAll("\n", "\r\n");
    assert.equal(readFileSync(file, "utf8"), expected);
  });

  it("leaves a link in the file's place, and changes what it points to", async () => {
    const elsewhere = join(folder, "elsewhere.yaml");
    renameSync(file, elsewhere);
    symlinkSync(elsewhere, file);
    await change(RAISED);
    assert(lstatSync(file).isSymbolicLink());
    assert.match(readFileSync(elsewhere, "utf8"), /generation: "1"/);
    renameSync(elsewhere, file);
  });

  it("refuses a file whose anchors the engine would dissolve, and says what to write by hand", async () => {
    const anchored = "config:\n  keyturn:every: &half P6M\n  keyturn:lifetime: *half\n";
    await refuses(
      anchored,
      CONFIRMED,
      /not keep its anchors\. .*:\n {2}confirmations\.ci-sync\.keyId: "59/s,
    );
  });

  it("refuses a file of whose parts the engine knows nothing", async () => {
    await refuses(`shared: 1\n${FILE}`, RAISED, /not keep what stands beside config/);
  });

  it("refuses a file that says something else than was read of it", async () => {
    const config = { ...(await project.stack.config(project.name)), generation: "7" };
    const stale = changeConfig({ project, config }, CONFIRMED);
    await assert.rejects(stale, /not keep the meaning of generation/);
    assert.equal(readFileSync(file, "utf8"), FILE);
  });

  it("refuses a file that is not there", async () => {
    const config = await project.stack.config(project.name);
    rmSync(file);
    await assert.rejects(changeConfig({ project, config }, RAISED), UsageError);
    assert(!existsSync(file));
  });
});
