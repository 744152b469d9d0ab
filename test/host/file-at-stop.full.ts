// What becomes of the file while the service stops, and the steps that a person is told: typed in as they stand.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { encodeHostInput } from "../../src/contracts/host-update";
import { interpreters, type Interpreter } from "../helpers/interpreters";
import { configuration, FORMER, FRESH, FakeHost } from "../helpers/fake-host";
import { leaveOut } from "../helpers/leave-out";
import { shim } from "../helpers/shims";

const isPosix = process.platform !== "win32";

for (const interpreter of interpreters()) {
  describe(`the file at the stop on ${interpreter.name}`, function () {
    this.timeout(180_000);
    const { absent } = interpreter;
    if (absent !== undefined || !isPosix) {
      it(`is not run: ${absent ?? "the service's commands are shell scripts"}`);
      return;
    }
    let fakeHost: FakeHost;
    beforeEach(async () => {
      fakeHost = new FakeHost(interpreter);
      await fakeHost.begin();
    });
    afterEach(() => fakeHost.end());

    /** The service's stop with something behind it. */
    const stopThen = (text: string) => {
      const path = join(fakeHost.folder, "stop.sh");
      const words = fakeHost.serviceWords("stop").map((word) => `'${word}'`);
      writeFileSync(path, `${words.join(" ")}; code=$?; ${text}; exit $code`);
      return ["sh", path];
    };
    const isFormer = () =>
      lstatSync(fakeHost.file).isFile() && readFileSync(fakeHost.file).includes("ENC:");

    it("puts a file back that the stop has removed", async () => {
      const stopCommand = stopThen(`rm -f '${fakeHost.file}'`);
      const { report } = await fakeHost.run("apply", { stopCommand });
      assert.equal(report?.outcome, "restored", report?.reason);
      assert.ok(isFormer());
      assert.equal(fakeHost.readOption("value"), FORMER);
    });

    it("puts the file back over a link that the stop has left, and writes nothing through it", async () => {
      const other = join(fakeHost.folder, "other");
      writeFileSync(other, "another's file");
      const stopCommand = stopThen(`ln -sf '${other}' '${fakeHost.file}'`);
      const { report } = await fakeHost.run("apply", { stopCommand });
      assert.equal(report?.outcome, "restored", report?.reason);
      assert.equal(readFileSync(other, "utf8"), "another's file");
      assert.ok(isFormer());
      assert.equal(fakeHost.readOption("value"), FORMER);
    });

    it("moves nothing into a folder that a link in the file's place leads to", async () => {
      const other = join(fakeHost.folder, "others");
      mkdirSync(other);
      const stopCommand = stopThen(`ln -sfn '${other}' '${fakeHost.file}'`);
      const { report } = await fakeHost.run("apply", { stopCommand });
      assert.equal(report?.outcome, "restored", report?.reason);
      assert.deepEqual(readdirSync(other), []);
      assert.ok(isFormer());
    });

    it("does not say that the former file is back while a folder stands in its place", async () => {
      const stopCommand = stopThen(`rm -f '${fakeHost.file}'; mkdir '${fakeHost.file}'`);
      const { code, report } = await fakeHost.run("apply", { stopCommand, startTimeoutSeconds: 1 });
      assert.equal(code, 22, report?.reason);
      assert.deepEqual(readdirSync(fakeHost.file), []);
      typeIn(interpreter, report?.remedy ?? "");
      assert.ok(isFormer());
      assert.equal(await fakeHost.control("status"), 0);
      assert.equal(fakeHost.readOption("value"), FORMER);
    });

    it("does not wait for a pipe that stands in the file's place", async () => {
      const stopCommand = stopThen(`rm -f '${fakeHost.file}'; mkfifo '${fakeHost.file}'`);
      const { report } = await fakeHost.run("apply", { stopCommand });
      assert.equal(report?.outcome, "restored", report?.reason);
      assert.ok(isFormer());
    });

    it("writes nothing through a link that takes the file's place while it is copied", async () => {
      const other = join(fakeHost.folder, "other");
      writeFileSync(other, "another's file", { mode: 0o640 });
      const path = shim(fakeHost, {
        cp: `if mkdir "$WORLD/struck" 2>/dev/null; then rm -f '${fakeHost.file}'; ln -s '${other}' '${fakeHost.file}'; fi
          exec "$REAL" "$@"`,
      });
      const input = encodeHostInput(fakeHost.update());
      const { report } = await fakeHost.finish(fakeHost.spawn("apply", input, { PATH: path }));
      assert.ok(existsSync(join(fakeHost.folder, "struck")));
      assert.equal(report?.outcome, "refused", report?.reason);
      assert.equal(readFileSync(other, "utf8"), "another's file");
      assert.equal(fakeHost.stateText("staged"), "");
      assert.deepEqual(fakeHost.events(), []);
    });

    it("copies nothing of a file that has a second name by then", async () => {
      const other = join(fakeHost.folder, "other");
      writeFileSync(other, "another's file", { mode: 0o600 });
      const stopCommand = stopThen(`ln -f '${other}' '${fakeHost.file}'`);
      const { report } = await fakeHost.run("apply", { stopCommand, startTimeoutSeconds: 1 });
      assert.notEqual(report?.outcome, "updated", report?.reason);
      assert.equal(readFileSync(other, "utf8"), "another's file");
      assert.ok(!fakeHost.stateText("backup").includes("another's file"));
    });

    it("goes on in its own state folder when another takes that one's name", async function () {
      if (interpreter.language !== "sh")
        leaveOut(this, "Windows, for which it is, renames no folder in which a file is open");
      const other = join(fakeHost.folder, "other");
      writeFileSync(other, "another's file");
      const stopCommand = stopThen(
        `mv '${fakeHost.state}' '${fakeHost.state}.moved'; mkdir -m 777 '${fakeHost.state}'
        for name in journal.next report.next staged backup restore.next; do ln -s '${other}' '${fakeHost.state}'/$name; done`,
      );
      const { report } = await fakeHost.run("apply", { stopCommand });
      assert.equal(report?.outcome, "updated", report?.reason);
      assert.equal(readFileSync(other, "utf8"), "another's file");
      assert.match(readFileSync(`${fakeHost.state}.moved/journal`, "utf8"), /^phase closed /m);
      const again = await fakeHost.run("apply");
      assert.equal(again.report?.outcome, "refused");
      assert.match(again.report.reason, /mode 700/);
      assert.equal(readFileSync(other, "utf8"), "another's file");
    });

    it("puts nothing in place where the folder's rights are taken away at the stop, and says so", async function () {
      const home = join(fakeHost.folder, "home");
      mkdirSync(home);
      const filePath = join(home, "instance.json");
      writeFileSync(filePath, configuration(FORMER));
      fakeHost.option("file", filePath);
      const isRoot = process.getuid?.() === 0;
      const [close, reopen] = isRoot
        ? [`chattr +i '${home}'`, `chattr -i '${home}'`]
        : [`chmod 500 '${home}'`, `chmod 700 '${home}'`];
      const stopCommand = stopThen(close);
      try {
        const { report } = await fakeHost.run("apply", { filePath, stopCommand });
        if (report?.outcome === "updated")
          leaveOut(
            this,
            "no folder can be closed to root here: its file system knows no chattr +i",
          );
        assert.equal(report?.outcome, "restored", report?.reason);
        assert.match(
          report.reason,
          /: the new file could not be put in place \((Permission denied|Operation not permitted)\)\./,
        );
        assert.equal(await fakeHost.control("status"), 0);
        assert.equal(fakeHost.readOption("value"), FORMER);
        assert.ok(!readFileSync(filePath, "utf8").includes(FRESH));
      } finally {
        execFileSync("sh", ["-c", `${reopen} 2>/dev/null || :`]);
      }
    });

    it("names steps that the shell takes as they are, whatever the names hold", async () => {
      const home = join(fakeHost.folder, "O'Neil Tools `id` $HOME \u2019quoted\u2018");
      mkdirSync(home);
      const filePath = join(home, "instance.json");
      writeFileSync(filePath, configuration(FORMER));
      fakeHost.option("file", filePath);
      const [shell = "", service = "", ...rest] = fakeHost.serviceWords("start");
      const linked = join(home, "service's.sh");
      symlinkSync(service, linked);
      const words = (action: string) => [shell, linked, ...rest.slice(0, -1), action];
      fakeHost.option("start-fails", "99");
      const { code, report } = await fakeHost.run("apply", {
        filePath,
        startCommand: words("start"),
        stopCommand: words("stop"),
        startTimeoutSeconds: 1,
      });
      assert.equal(code, 22, report?.reason);
      const former = readFileSync(join(`${filePath}.keyturn`, "backup"));
      writeFileSync(filePath, "not the former file");
      fakeHost.option("start-fails", "0");
      typeIn(interpreter, report?.remedy ?? "");
      assert.equal(await fakeHost.control("status"), 0);
      assert.equal(fakeHost.readOption("value"), FORMER);
      assert.ok(former.includes(FORMER) && existsSync(filePath));
    });

    it("names no step that overwrites a file which the update has not replaced", async () => {
      fakeHost.makeState();
      const phase = ["stopping", "some-key", "1", "0", "2026-01-01T00:00:00Z"].join(" ");
      const write = (name: string, text: string) => {
        writeFileSync(join(fakeHost.state, name), text);
      };
      write("journal", `keyturn-journal/1\nphase ${phase}\n`);
      write("backup", configuration(FRESH));
      write("staged", "not in place yet");
      fakeHost.option("pid", "0");
      fakeHost.option("start-fails", "99");
      const { code, report } = await fakeHost.run("apply", { startTimeoutSeconds: 1 });
      assert.equal(code, 22, report?.reason);
      assert.ok(!report?.remedy.includes("backup"), report?.remedy);
      fakeHost.option("start-fails", "0");
      typeIn(interpreter, report?.remedy ?? "");
      assert.equal(await fakeHost.control("status"), 0);
      assert.equal(fakeHost.readOption("value"), FORMER);
    });
  });
}

/** Each step of a remedy but the last, which no shell takes, typed into the shell that it is written for. */
function typeIn(interpreter: Interpreter, remedy: string): void {
  const steps = [...remedy.matchAll(/\(\d\) (.*?)(?= \(\d\) )/g)].map(([, step]) => step ?? "");
  assert.ok(steps.length > 0, remedy);
  const shell = interpreter.language === "sh" ? ["sh", "-c"] : ["pwsh", "-NoProfile", "-Command"];
  const [program = "", ...flags] = shell;
  const env = { ...process.env, PATH: interpreter.path };
  for (const step of steps) execFileSync(program, [...flags, step], { env, stdio: "pipe" });
}
