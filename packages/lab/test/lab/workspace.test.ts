// The lab's Pulumi workspace, with the real command line where it is installed.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { createWorkspace, type Workspace } from "../../workspace";
import { Folders } from "./support";
import { leaveOut } from "../../../../test/helpers/leave-out";

const pulumiHome = process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
const pulumi = join(pulumiHome, "versions", "3.259.0", "bin", "pulumi");

describe("createWorkspace", function () {
  this.timeout(60_000);
  const folders = new Folders();
  afterEach(() => folders.clear());

  function make(dir: string, settings: Record<string, unknown> = {}): Workspace {
    const project = join(folders.make(), "Pulumi.yaml");
    writeFileSync(project, "name: demo\nruntime: nodejs\nconfig:\n  demo:host: {type: string}\n");
    return createWorkspace({
      dir,
      projectFile: project,
      main: __filename,
      stack: "dev",
      settings,
      labEnvironment: { ARM_TENANT_ID: "t" },
    });
  }

  it("copies the project with its program, and writes the settings under their names", () => {
    const dir = join(folders.make(), "workspace");
    make(dir, { host: "127.0.0.1", "azure-native:location": "westeurope", list: [1, { a: true }] });
    const project = parse(readFileSync(join(dir, "Pulumi.yaml"), "utf8")) as Record<
      string,
      unknown
    >;
    assert.equal(project["main"], __filename);
    assert.equal(project["name"], "demo");
    assert.deepEqual(parse(readFileSync(join(dir, "Pulumi.dev.yaml"), "utf8")), {
      config: {
        "demo:host": "127.0.0.1",
        "azure-native:location": "westeurope",
        "demo:list": [1, { a: true }],
      },
    });
    assert.equal(statSync(join(dir, "passphrase")).mode & 0o777, 0o600);
  });

  it("keeps a second stack of the project beside the first, in the same state", () => {
    const dir = join(folders.make(), "workspace");
    const first = make(dir, { host: "one" });
    const second = first.beside("second", { host: "two" });
    const settings = ["dev", "second"].map(
      (stack) => parse(readFileSync(join(dir, `Pulumi.${stack}.yaml`), "utf8")) as unknown,
    );
    assert.deepEqual(settings, [
      { config: { "demo:host": "one" } },
      { config: { "demo:host": "two" } },
    ]);
    assert.deepEqual(second.environment, { ...first.environment, PULUMI_STACK: "second" });
    assert.throws(() => first.beside("a b", {}), /"a b" is no stack name/);
  });

  it("begins anew in a folder of its own, and never removes another's", () => {
    const dir = join(folders.make(), "workspace");
    make(dir);
    writeFileSync(join(dir, "state", "old"), "");
    make(dir);
    assert.ok(!existsSync(join(dir, "state", "old")));
    const foreign = folders.make();
    mkdirSync(join(foreign, "work"));
    assert.throws(() => make(foreign), /is no workspace of the lab/);
    assert.ok(existsSync(join(foreign, "work")));
  });

  it("names every problem in one sentence", () => {
    const options = { dir: "x", settings: {}, labEnvironment: {} };
    assert.throws(
      () => createWorkspace({ ...options, projectFile: "/none", main: "rel", stack: "a b" }),
      /projectFile: .*; main: .*; stack: /,
    );
  });

  it("lets pulumi work without a flag, from any folder, with secrets encrypted", async function () {
    if (!existsSync(pulumi))
      leaveOut(this, "the engine is not in place; npm run build puts it there");
    const dir = join(folders.make(), "workspace");
    const workspace = make(dir, { host: "127.0.0.1" });
    await workspace.initialise(pulumi, { "ssh.privateKey": "very-secret-key" });
    const ask = (...args: string[]): unknown =>
      JSON.parse(
        execFileSync(pulumi, args, {
          cwd: tmpdir(),
          env: { PATH: process.env["PATH"], HOME: homedir(), ...workspace.environment },
          encoding: "utf8",
        }),
      );
    assert.deepEqual(ask("stack", "output", "--json"), {});
    const config = ask("config", "--json", "--show-secrets") as Record<string, { value: string }>;
    assert.equal(config["demo:host"]?.value, "127.0.0.1");
    assert.match(config["demo:ssh"]?.value ?? "", /very-secret-key/);
    assert.ok(!readFileSync(join(dir, "Pulumi.dev.yaml"), "utf8").includes("very-secret-key"));
  });
});
