// The one driver of a stack, on the real command line where it is installed and a program of two outputs.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { CLONE } from "../clone";
import { runEngine } from "../engine";
import { EngineError, KeyturnStack } from "../stack";
import { UsageError } from "../usage-error";

const home = process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
const bin = process.env["KEYTURN_PULUMI_BIN"] ?? join(home, "versions", "3.259.0", "bin");

const PROGRAM = `const pulumi = require("@pulumi/pulumi");
const config = new pulumi.Config();
if (config.get("wrong") === "true") throw new Error("the program's own words");
module.exports = { shown: config.get("shown"), hidden: config.requireSecret("hidden") };
`;

describe("KeyturnStack", function () {
  this.timeout(240_000);
  let folder: string;
  let stack: KeyturnStack;

  before(async function () {
    if (!existsSync(join(bin, "pulumi"))) this.skip(); // runs where the toolchain's set-up was done
    folder = mkdtempSync(join(tmpdir(), "keyturn-stack-"));
    mkdirSync(join(folder, "state"));
    writeFileSync(
      join(folder, "Pulumi.yaml"),
      "name: two\nruntime: {name: nodejs, options: {typescript: false}}\nmain: index.js\n",
    );
    writeFileSync(join(folder, "index.js"), PROGRAM);
    writeFileSync(join(folder, "package.json"), '{"name":"two","version":"1.0.0"}');
    symlinkSync(join(CLONE, "node_modules"), join(folder, "node_modules"), "junction");
    const environment = {
      PATH: [bin, dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "of a test",
      PULUMI_STACK: "",
    };
    await runEngine({ workDir: folder, environment }, ["stack", "init", "dev"]);
    stack = new KeyturnStack({ workDir: folder, stackName: "dev", environment });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("says of a stack that there is not that it is not there, and makes none", async () => {
    const other = new KeyturnStack({ ...stack.place, stackName: "other" });
    await assert.rejects(
      other.outputs(),
      (error: unknown) =>
        error instanceof UsageError && /^There is no stack other in .*--stack/.test(error.message),
    );
    await assert.rejects(other.up(), EngineError);
    await assert.rejects(other.outputs(), UsageError);
  });

  it("knows no last run of a stack that never ran", async () => {
    assert.equal(await stack.lastRun(), undefined);
  });

  it("tells what an operation does, and fails with what the engine printed", async () => {
    await stack.setSecret("hidden", "s3cret-words");
    await stack.setConfig([{ path: ["wrong"], value: "true" }], join(folder, "Pulumi.dev.yaml"));
    const told: string[] = [];
    await assert.rejects(
      stack.up({ onProgress: (message) => told.push(message) }),
      (error: unknown) =>
        error instanceof EngineError && error.output.includes("the program's own words"),
    );
    assert.deepEqual(told, ["create two-dev"]);
    assert.equal((await stack.lastRun())?.result, "failed");
  });

  it("updates under the config that was set, and counts what it did", async () => {
    const changes = [
      { path: ["wrong"], value: "false" },
      { path: ["shown"], value: "for everybody" },
    ] as const;
    await stack.setConfig(changes, join(folder, "Pulumi.dev.yaml"));
    assert.deepEqual(await stack.up(), { same: 1 });
    const { shown, hidden } = await stack.config("two");
    assert.deepEqual([shown, hidden], ["for everybody", undefined]);
    assert.equal((await stack.lastRun())?.result, "succeeded");
  });

  it("shows a secret output to who asks for secrets, and leaves it encrypted for all others", async () => {
    assert.deepEqual(await stack.outputs(), { shown: "for everybody", hidden: "[secret]" });
    const secrets = await stack.shownOutputs();
    assert.deepEqual(secrets, { shown: "for everybody", hidden: "s3cret-words" });
    assert(!(await stack.exportState()).includes("s3cret-words"));
  });
});
