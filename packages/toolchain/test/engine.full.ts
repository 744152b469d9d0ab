// The real engine with the language host of the tool cache, on small programs without a provider.
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { engineFiles, engineFolders, projectRoot, pulumiHome } from "../locations";
import { outcome, type Outcome } from "./clone";
import { isAlive } from "./fakes";
import { until } from "../../../test/helpers/until";
import { leaveOut } from "../../../test/helpers/leave-out";

const { bin } = engineFolders(pulumiHome());

/** A program that starts a child, says who both are, and stays. */
const stays = `
  const { spawn } = require("child_process"), fs = require("fs");
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  fs.writeFileSync(__dirname + "/pids.tmp", [process.ppid, process.pid, child.pid].join(" "));
  fs.renameSync(__dirname + "/pids.tmp", __dirname + "/pids");
  setInterval(() => {}, 1000);`;

describe("the engine with our language host", function () {
  this.timeout(120_000);
  let folder: string;

  before(function () {
    // Runs after `npm run build`, or any other command that sets the engine up.
    if (!engineFiles.every((name) => existsSync(path.join(bin, name))))
      leaveOut(this, "the engine is not in place");
  });
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), "keyturn-engine-")));
    mkdirSync(path.join(folder, "state"));
    mkdirSync(path.join(folder, "dist"));
    symlinkSync(path.join(projectRoot(), "node_modules"), path.join(folder, "node_modules"));
    writeFileSync(path.join(folder, "package.json"), `{"name":"tiny","private":true}`);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const start = (args: readonly string[]): ChildProcess =>
    spawn(path.join(bin, "pulumi"), [...args, "--non-interactive", "--color", "never"], {
      cwd: folder,
      env: {
        PATH: [bin, path.join(projectRoot(), "node_modules", ".bin"), process.env["PATH"]].join(
          path.delimiter,
        ),
        HOME: process.env["HOME"],
        PULUMI_HOME: pulumiHome(),
        PULUMI_BACKEND_URL: `file://${folder}/state`,
        PULUMI_CONFIG_PASSPHRASE: "passphrase",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
  const pulumi = (...args: string[]): Promise<Outcome> => outcome(start(args));
  const up = (): Promise<Outcome> => pulumi("up", "--yes", "--skip-preview");

  /** Makes a project with a stack of this program. */
  const project = async (
    program: string,
    main = "dist/index.js",
    typescript = false,
  ): Promise<void> => {
    const runtime = { name: "nodejs", options: { typescript } };
    writeFileSync(
      path.join(folder, "Pulumi.yaml"),
      JSON.stringify({ name: "tiny", runtime, main }),
    );
    writeFileSync(path.join(folder, main), program);
    const { code, stderr } = await pulumi("stack", "init", "dev");
    assert.equal(code, 0, stderr);
  };

  const outputs = async (): Promise<unknown> =>
    JSON.parse((await pulumi("stack", "output", "--json")).stdout);

  it("brings up a component, and then has nothing to do", async () => {
    await project(`
      const pulumi = require("@pulumi/pulumi");
      class Part extends pulumi.ComponentResource {
        constructor(name) { super("tiny:index:Part", name, {}); this.registerOutputs({}); } }
      new Part("part");
      exports.folder = process.cwd();`);
    const { code, stdout, stderr } = await up();
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /tiny:index:Part part creat/);
    assert.deepEqual(await outputs(), { folder: path.join(folder, "dist") });
    const preview = await pulumi("preview", "--expect-no-changes");
    assert.equal(preview.code, 0, preview.stdout);
  });

  it("runs a program in TypeScript", async () => {
    const program = `const answer: number = 42; export const text: string = \`is \${answer}\`;`;
    await project(program, "index.ts", true);
    const { code, stdout, stderr } = await up();
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(await outputs(), { text: "is 42" });
  });

  it("gives the program its secret configuration, and not to those who read its environment", async function () {
    if (!existsSync("/proc/self/environ")) leaveOut(this, "only Linux shows an environment");
    await project(`
      const config = new (require("@pulumi/pulumi").Config)();
      exports.got = config.requireSecret("word").apply((word) => word.length);
      exports.seen = require("fs").readFileSync("/proc/self/environ", "utf8").includes("hunter2");`);
    assert.equal((await pulumi("config", "set", "--secret", "word", "hunter2")).code, 0);
    const { code, stdout, stderr } = await up();
    assert.equal(code, 0, stdout + stderr);
    const { stdout: shown } = await pulumi("stack", "output", "--json", "--show-secrets");
    assert.deepEqual(JSON.parse(shown), { got: 7, seen: false });
  });

  it("fails with the program's own words, once, when it throws", async () => {
    await project(`throw new Error("the sky fell");`);
    const { code, stdout, stderr } = await up();
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /the sky fell/);
    assert.doesNotMatch(stdout + stderr, /non-zero exit code/);
  });

  it("fails with the exit code when the program ends with one", async () => {
    await project(`console.log("last words"); process.exit(3);`);
    const { code, stdout, stderr } = await up();
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /last words/);
    assert.match(stdout + stderr, /exit code: 3/);
  });

  for (const [what, signal] of [
    ["Ctrl-C", "SIGINT"],
    ["a killed engine", "SIGKILL"],
  ] as const) {
    it(`leaves no process after ${what}`, async () => {
      await project(stays);
      const engine = start(["up", "--yes", "--skip-preview"]);
      const ended = outcome(engine);
      const file = path.join(folder, "dist", "pids");
      await until("the program runs", () => existsSync(file));
      const pids = readFileSync(file, "utf8").split(" ").map(Number);
      assert.ok(pids.every(isAlive));
      engine.kill(signal);
      assert.notEqual((await ended).code, 0);
      for (const pid of pids) {
        await until(`process ${pid} has ended`, () => !isAlive(pid));
      }
    });
  }
});
