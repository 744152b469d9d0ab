// The bootstrap on a clone: what it sets up, what it leaves alone, and what it says.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { Clone, outcome } from "./clone";
import { isAlive, script } from "./fakes";
import { until } from "../../../test/helpers/until";

interface Told {
  readonly part: string;
  readonly args: string[];
  readonly path: string;
  readonly check: string;
  readonly bin: string;
}

describe("bootstrap", function () {
  this.timeout(120_000);
  let clone: Clone;
  beforeEach(() => (clone = new Clone()));
  afterEach(() => clone.remove());

  it("sets up a fresh clone and runs the command; the next time it only runs it", async () => {
    const first = await clone.run(["rehearse", "--keep"]);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /^Installing npm packages .*…\nadded 3 packages\nCompiling .*…\n$/);
    const second = await clone.run(["rehearse", "--keep"]);
    assert.equal(second.stderr, "");
    for (const { stdout } of [first, second]) {
      assert.deepEqual((JSON.parse(stdout) as Told).args, ["rehearse", "--keep"]);
    }
    assert.deepEqual([clone.calls("npm").length, clone.calls("tsc").length], [1, 1]);
    assert.deepEqual(readdirSync(clone.at(".toolchain")), []);
  });

  it("gives the command the engine first on PATH, then the clone's tools, and its exit code", async () => {
    const { code, stdout } = await clone.run(["keyturn", "doctor"], { EXIT_CODE: "5" });
    const told = JSON.parse(stdout) as Told;
    assert.equal(code, 5);
    assert.deepEqual(told.args, ["doctor"]);
    assert.deepEqual(told.path.split(path.delimiter), [
      clone.at("engine"),
      clone.at("node_modules", ".bin"),
      clone.bin,
    ]);
    assert.equal(told.check, "true");
    assert.equal(told.bin, clone.at("engine"));
  });

  it("starts the rehearsal for rehearse and lab, and the operator's command line for keyturn", async () => {
    const told: [string, string[]][] = [];
    for (const words of [["rehearse"], ["lab", "status"], ["keyturn", "report"]]) {
      const { part, args } = JSON.parse((await clone.run(words)).stdout) as Told;
      told.push([part, args]);
    }
    assert.deepEqual(told, [
      ["rehearsal", ["rehearse"]],
      ["rehearsal", ["lab", "status"]],
      ["cli", ["report"]],
    ]);
  });

  it("installs again when package-lock.json asks for something else", async () => {
    await clone.run(["keyturn"]);
    clone.lock("2.0.0");
    await clone.run(["keyturn"]);
    assert.equal(clone.calls("npm").length, 2);
  });

  it("installs again when npm installed more than package-lock.json asks for", async () => {
    await clone.run(["keyturn"]);
    const record = clone.at("node_modules", ".package-lock.json");
    const { packages } = JSON.parse(readFileSync(record, "utf8")) as { packages: object };
    const more = { ...packages, "node_modules/more": { version: "1.0.0" } };
    writeFileSync(record, JSON.stringify({ packages: more }));
    await clone.run(["keyturn"]);
    assert.equal(clone.calls("npm").length, 2);
  });

  it("does not take what a killed installation left", async () => {
    await clone.run(["keyturn"]);
    rmSync(clone.at("node_modules", ".package-lock.json"));
    await clone.run(["keyturn"]);
    assert.equal(clone.calls("npm").length, 2);
  });

  it("compiles again when a source or an output changed, and removes outputs without a source", async () => {
    clone.write("packages/cli/extra.ts", "");
    await clone.run(["keyturn"]);
    const now = new Date();
    utimesSync(clone.at("index.ts"), now, now);
    await clone.run(["keyturn"]);
    assert.equal(clone.calls("tsc").length, 2);
    rmSync(clone.at("dist", "index.js"));
    await clone.run(["keyturn"]);
    assert.equal(clone.calls("tsc").length, 3);
    rmSync(clone.at("packages", "cli", "extra.ts"));
    await clone.run(["keyturn"]);
    assert.equal(clone.calls("tsc").length, 4);
    assert.ok(!existsSync(clone.at("dist", "packages", "cli", "extra.js")));
  });

  it("gives each step's key a file that hands on to its module", async () => {
    clone.write(
      "src/steps/keys.json",
      JSON.stringify({ "steps/store.js": "packages/cli/step.js" }),
    );
    clone.write("packages/cli/step.ts", "module.exports = 7;");
    await clone.run(["keyturn"]);
    const key = clone.at("dist", "steps", "store.js");
    const { default: step } = (await import(pathToFileURL(key).href)) as { default: number };
    assert.equal(step, 7);
    rmSync(key);
    await clone.run(["keyturn"]);
    assert.ok(existsSync(key));
  });

  it("checks format, lint, layout and Go, all of them, and fails when one is not right", async () => {
    clone.write("packages/toolchain/language-host/go.mod", "module fake\n");
    script(path.join(clone.bin, "go"), "#!/bin/sh\necho go $1\n");
    const { code, stdout, stderr } = await clone.run(["check"], { FAILS: "prettier" });
    assert.deepEqual([code, stdout], [1, "prettier\neslint\ndependency-cruiser\ngo vet\n"]);
    assert.match(
      stderr,
      /format …\n +not right, .*\n.*lint …\n +right, .*\n.*layout …\n +right, .*\n.*Go …\n +right, /,
    );
    rmSync(path.join(clone.bin, "go"));
    const second = await clone.run(["check"]);
    assert.equal(second.code, 0);
    assert.match(second.stderr, /left out, there is no Go here/);
  });

  it("runs nothing that does not compile, and says tsc's words", async () => {
    clone.write("index.ts", "TYPE ERROR");
    for (const count of [1, 2]) {
      const { code, stdout, stderr } = await clone.run(["keyturn"]);
      assert.deepEqual([code, stdout, clone.calls("tsc").length], [1, "", count]);
      assert.match(stderr, /index\.ts: error TS1\n.*do not compile/s);
    }
  });

  it("ends with npm's own words when npm fails, and says that npm is missing", async () => {
    clone.npm(`console.error("npm error code EAI_AGAIN"); process.exit(1);`);
    const { code, stderr } = await clone.run(["keyturn"]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /npm error code EAI_AGAIN\nnpm ci failed with exit code 1.*connect to a network/,
    );
    rmSync(path.join(clone.bin, "npm"));
    assert.match((await clone.run(["keyturn"])).stderr, /npm was not found on PATH\. Install npm/);
  });

  it("says in one sentence that Node.js is too old, or that there is no such command", async () => {
    const unknown = await clone.run(["polish"]);
    assert.match(
      unknown.stderr,
      /no command "polish"\. Give one of rehearse, .*, check, fuzz:host, docs, test, /,
    );
    assert.equal(unknown.code, 2);
    const versions = readFileSync(clone.at("packages", "toolchain", "versions.json"), "utf8");
    clone.write(
      "packages/toolchain/versions.json",
      versions.replace(/("nodeMinimum": )"[^"]+"/, '$1"99.0.0"'),
    );
    const { code, stderr } = await clone.run(["keyturn"]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^Node\.js [\d.]+ is too old for Keyturn, which needs 99\.0\.0 or newer\. .*\n$/,
    );
    assert.equal(clone.calls("npm").length, 1);
  });

  it("installs once when two commands begin at once", async () => {
    const outcomes = await Promise.all([clone.run(["keyturn", "a"]), clone.run(["keyturn", "b"])]);
    assert.deepEqual(
      outcomes.map(({ code }) => code),
      [0, 0],
    );
    assert.deepEqual([clone.calls("npm").length, clone.calls("tsc").length], [1, 1]);
  });

  it("ends npm and gives the lock back when it is interrupted", async () => {
    const pidFile = clone.at("npm.pid");
    clone.npm(`fs.writeFileSync(${JSON.stringify(pidFile)}, process.pid + "\\n");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`);
    const child = clone.start(["keyturn"]);
    const ended = outcome(child);
    await until(
      "npm runs",
      () => existsSync(pidFile) && readFileSync(pidFile, "utf8").endsWith("\n"),
    );
    child.kill("SIGINT");
    assert.equal((await ended).code, 130);
    assert.ok(!isAlive(Number(readFileSync(pidFile, "utf8"))));
    assert.deepEqual(readdirSync(clone.at(".toolchain")), []);
    clone.npm();
    assert.equal((await clone.run(["keyturn"])).code, 0);
  });

  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    it(`ends the command and what it started on ${signal}`, async () => {
      clone.write(
        "packages/cli/main.ts",
        `const child = require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
        console.log("pids " + process.pid + " " + child.pid + "!"); setInterval(() => {}, 1000);`,
      );
      const child = clone.start(["keyturn"]);
      let text = "";
      child.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()));
      const exit = once(child, "exit");
      await until("the command runs", () => text.includes("!"));
      child.kill(signal);
      assert.deepEqual(await exit, [code, null]);
      for (const pid of (/pids (\d+) (\d+)/.exec(text) ?? []).slice(1)) {
        await until("the process has ended", () => !isAlive(Number(pid)));
      }
    });
  }

  describe("test", () => {
    const last = (stdout: string): string | undefined => stdout.trimEnd().split("\n").at(-1);
    const go = (events: object[], code = 0): void =>
      script(
        path.join(clone.bin, "go"),
        `#!/bin/sh\n[ "$1" = env ] && echo go1.26.0 && exit 0\n${events.map((event) => `printf '%s\\n' '${JSON.stringify(event)}'`).join("\n")}\nexit ${code}\n`,
      );
    beforeEach(() => {
      clone.write(
        "packages/toolchain/language-host/a_test.go",
        "func TestMain(\nfunc TestOne(\nfunc TestTwo(",
      );
      for (const name of ["a.test", "b.full", "c.long", "helper", "e2e/d.test"]) {
        clone.write(`test/${name}.ts`, "");
      }
      clone.write("packages/cli/test/e.test.ts", "");
    });

    it("adds Go's and mocha's counts up in the last line", async () => {
      go([
        { Action: "pass", Test: "TestTheHostRuns" },
        { Action: "pass", Test: "TestTheHostRuns/a_part" },
        { Action: "skip", Test: "TestOther" },
        { Action: "pass" },
      ]);
      const { code, stdout } = await clone.run(["test:full"]);
      assert.equal(last(stdout), "8 passed, 0 failed, 2 skipped");
      assert.match(stdout, /✔ the host runs\n[^]*7 passing/);
      assert.equal(code, 0);
      assert.deepEqual(clone.calls("mocha"), ["dist/test/b.full.js"]);
    });

    it("counts the language host's tests as skipped where there is no Go", async () => {
      const { stdout } = await clone.run(["test:full"]);
      assert.match(stdout, /there is no Go here/);
      assert.equal(last(stdout), "7 passed, 0 failed, 3 skipped");
    });

    it("fails with a failed test of either, with its output", async () => {
      go(
        [
          { Action: "output", Test: "TestX", Output: "got 1\n" },
          { Action: "fail", Test: "TestX" },
        ],
        1,
      );
      const { code, stdout } = await clone.run(["test:full"], { MOCHA: "fails" });
      assert.equal(last(stdout), "7 passed, 3 failed, 1 skipped");
      assert.match(stdout, /✘ x\ngot 1\n/);
      assert.equal(code, 1);
    });

    const failed = (title: string, milliseconds = 1000) => ({
      file: "dist/test/e2e/d.test.js",
      title,
      milliseconds,
      passed: 5,
      failed: 2,
      skipped: 1,
    });
    const inCi = (minutes: number, suites: readonly object[], again: string) => ({
      MOCHA: "fails",
      SUITES: JSON.stringify(suites),
      AGAIN: again,
      KEYTURN_ONCE_MORE_UNTIL: `${Math.floor(Date.now() / 1000) + minutes * 60}`,
    });

    it("runs a suite that failed once more alone in CI, and names it when it passes", async () => {
      const environment = inCi(10, [failed("a key (old)")], "passes");
      const { code, stdout } = await clone.run(["test"], environment);
      assert.deepEqual(clone.calls("mocha")[1], "dist/test/e2e/d.test.js --grep ^a key \\(old\\)");
      assert.match(stdout, /Unsteady, failed once and passed alone:\n {2}- a key \(old\)\n/);
      assert.equal(last(stdout), "9 passed, 0 failed, 1 skipped");
      assert.equal(code, 0);
    });

    it("fails with a suite that fails twice", async () => {
      const { code, stdout } = await clone.run(["test"], inCi(10, [failed("a key")], "fails"));
      assert.equal(clone.calls("mocha").length, 2);
      assert.doesNotMatch(stdout, /Unsteady/);
      assert.equal(last(stdout), "9 passed, 2 failed, 1 skipped");
      assert.equal(code, 1);
    });

    it("runs nothing once more outside CI, without time for it, or when many suites fail", async () => {
      const many = ["a", "b", "c", "d"].map((title) => failed(title));
      for (const environment of [
        { ...inCi(10, [failed("a key")], "passes"), KEYTURN_ONCE_MORE_UNTIL: undefined },
        inCi(10, [failed("a key", 700_000)], "passes"),
        inCi(10, many, "passes"),
        inCi(10, [], "passes"),
      ]) {
        const { code, stdout } = await clone.run(["test"], environment);
        assert.deepEqual([code, last(stdout)], [1, "7 passed, 2 failed, 1 skipped"]);
      }
      assert.equal(clone.calls("mocha").length, 4);
    });

    it("fails when Go or mocha fails without a failed test", async () => {
      go([{ Action: "build-output", Output: "syntax error\n" }], 2);
      const { code, stdout } = await clone.run(["test:full"], { MOCHA: "breaks" });
      assert.equal(last(stdout), "7 passed, 2 failed, 1 skipped");
      assert.match(stdout, /syntax error/);
      assert.equal(code, 1);
    });

    it("runs two compiled files of the tier at a time, the longest first", async () => {
      await clone.run(["test"]);
      await clone.run(["test:long", "-g", "a law"]);
      assert.deepEqual(clone.calls("mocha"), [
        "--parallel --jobs 2 dist/test/e2e/d.test.js dist/test/a.test.js dist/packages/cli/test/e.test.js",
        "dist/test/c.long.js -g a law",
      ]);
    });

    it("runs the files that are named by their sources, whatever their tier, and those of a folder", async () => {
      await clone.run(["test", "test/b.full.ts", "--bail"]);
      await clone.run(["test:full", "test/e2e"]);
      await clone.run(["test", path.join(clone.folder, "test", "c.long.ts"), "./test/a.test.ts"]);
      assert.deepEqual(clone.calls("mocha"), [
        "dist/test/b.full.js --bail",
        "dist/test/e2e/d.test.js",
        "--parallel --jobs 2 dist/test/c.long.js dist/test/a.test.js",
      ]);
    });

    it("ends without the language host's tests where files or titles are named", async () => {
      go([{ Action: "pass", Test: "TestTheHostRuns" }]);
      const { stdout } = await clone.run(["test:full", "-g", "test"]);
      assert.equal(last(stdout), "7 passed, 0 failed, 1 skipped");
    });

    it("says how long the tier took", async () => {
      assert.match((await clone.run(["test"])).stdout, /\ntest took \d+ min \d+ s/);
    });

    it("ends with the counts when set-up fails", async () => {
      rmSync(path.join(clone.bin, "npm"));
      const { code, stdout, stderr } = await clone.run(["test"]);
      assert.deepEqual([code, last(stdout)], [1, "0 passed, 1 failed"]);
      assert.match(stderr, /npm was not found/);
    });
  });
});
