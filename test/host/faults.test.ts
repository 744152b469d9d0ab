// What happens around a run: two at once, signals, a lost connection, a host that lacks something, readers, watchers.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeHostInput, type HostUpdate } from "../../components/pure/host-contract";
import { interpreters } from "./interpreters";
import { shim, TOOLS } from "./shims";
import { configuration, FORMER, FRESH, until, World, type Finished } from "./world";

// Watchers and killers are shell scripts on PATH: a POSIX host.
const here = interpreters().filter(
  (one) => one.absent === undefined && process.platform !== "win32",
);

const left = interpreters().filter((one) => !here.includes(one) && one.language !== "sh");
for (const { name, absent } of left) {
  describe(`host update under faults on ${name}`, () => {
    it(`is not run: ${absent ?? "its watchers are shell scripts"}`);
  });
}
for (const interpreter of here) {
  describe(`host update under faults on ${interpreter.name}`, function () {
    this.timeout(90_000);
    const isShell = interpreter.language === "sh";
    let world: World;
    beforeEach(async () => {
      world = new World(interpreter);
      await world.begin();
    });
    afterEach(() => world.end());

    const start = (changes: Partial<HostUpdate> = {}, PATH = interpreter.path) =>
      world.spawn("apply", encodeHostInput(world.update(changes)), { PATH });
    /** A command of the service with something before or after it, as a script of its own. */
    const wrapped = (action: "start" | "stop", text: (service: string) => string) => {
      const path = join(world.folder, `${action}.sh`);
      writeFileSync(
        path,
        text(
          world
            .serviceWords(action)
            .map((word) => `'${word}'`)
            .join(" "),
        ),
      );
      return ["sh", path];
    };
    const outcomes = (all: readonly Finished[]) => all.map((one) => one.report?.outcome).sort();

    it("lets one of many at once update, and refuses the others", async () => {
      const all = await Promise.all([1, 2, 3, 4].map(() => world.finish(start())));
      assert.equal(outcomes(all).filter((one) => one === "updated").length, 1);
      assert.deepEqual(world.events(), ["stop", "start"]);
      assert.ok(outcomes(all).every((one) => one !== "needsHands" && one !== "restored"));
    });

    it("lets one of many take over the lock of a dead owner", async () => {
      mkdirSync(world.state, { mode: 0o700 });
      writeFileSync(join(world.state, "lock"), "4194000-1-0\n");
      writeFileSync(join(world.state, "lock.4194000-1-0"), "4194001-1-0\n");
      // All four have seen the dead owner before the first of them takes over.
      const path = shim(world, {
        ln: `case "$*" in *lock.4194001*)
            : >"$WORLD/seen.$PPID"
            tries=0
            while [ "$(ls "$WORLD" | grep -c '^seen')" -lt 4 ] && [ $tries -lt 400 ]; do tries=$((tries + 1)); /bin/sleep 0.05; done
          esac
          exec "$REAL" "$@"`,
      });
      const all = await Promise.all([1, 2, 3, 4].map(() => world.finish(start({}, path))));
      const contenders = readdirSync(world.folder).filter((name) => name.startsWith("seen"));
      assert.equal(contenders.length, 4);
      assert.equal(outcomes(all).filter((one) => one === "updated").length, 1);
      assert.deepEqual(world.events(), ["stop", "start"]);
      await until("the dead-man switch has gone", () => leftovers(world).length === 0);
    });

    it("leaves nothing behind but the journal, the report and the encrypted copy", async () => {
      await world.finish(start());
      await until("the dead-man switch has gone", () => leftovers(world).length === 0);
      assert.deepEqual(readdirSync(world.state).sort(), ["backup", "journal", "report"]);
    });

    it("keeps the last 40 lines of history in the journal", async () => {
      const lines = Array.from(
        { length: 45 },
        (_, n) => `adopted key-${n} r e 2026-01-01T00:00:00Z`,
      );
      const closed = "phase closed key-44 r 0 2026-01-01T00:00:00Z";
      mkdirSync(world.state, { mode: 0o700 });
      const text = ["keyturn-journal/1", closed, ...lines, ""].join("\n");
      writeFileSync(join(world.state, "journal"), text, { mode: 0o600 });
      const { report } = await world.finish(start());
      assert.equal(report?.outcome, "updated", report?.reason);
      const kept = world.stateText("journal").match(/^adopted .*$/gm) ?? [];
      assert.deepEqual([kept.length, kept[0]?.split(" ")[1]], [40, "key-6"]);
    });

    it("changes nothing when it is asked to end before the stop", async () => {
      world.addTrace(
        "Sync next lookup at 2020-01-01 00:00:00 ** You can stop the service before that time\n",
      );
      const child = start({ patienceSeconds: 60 });
      await until("it waits for the window", () =>
        world.stateText("journal").includes("phase waiting"),
      );
      child.kill("SIGTERM");
      const { report } = await world.finish(child);
      assert.equal(report?.outcome, "refused");
      assert.match(report.reason, /Ended by SIGTERM before/);
      assert.deepEqual(world.events(), []);
      assert.match(world.stateText("journal"), /phase closed/);
    });

    it("restores when it is asked to end after the stop", async () => {
      world.option("sync-seconds", "60");
      const child = start({ proofTimeoutSeconds: 8 });
      await until("it proves", () => world.stateText("journal").includes("phase proving"));
      child.kill("SIGTERM");
      const { report } = await world.finish(child);
      assert.equal(report?.outcome, "restored");
      assert.equal(world.readOption("value"), FORMER);
    });

    it("goes on to its end when the connection is lost", async () => {
      world.option("sync-seconds", "2");
      const child = start();
      await until("the stop is asked for", () => world.stateText("journal").includes("phase st"));
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.kill("SIGHUP");
      await until("it reports", () => world.stateText("report").includes('"outcome":"updated"'));
      assert.deepEqual(world.events(), ["stop", "start"]);
    });

    it("shows every reader the former file or the fresh one, whole", async () => {
      world.option("accepted", `${FORMER}\n${FRESH}\n`);
      await world.control("stop");
      writeFileSync(world.file, configuration(FORMER));
      rmSync(join(world.service, "reencrypts"));
      await world.control("start");
      const seen = new Set<string>();
      const child = start({ proofReencrypted: false });
      const finished = world.finish(child);
      const progress = { ended: false };
      void finished.then(() => (progress.ended = true));
      while (!progress.ended) {
        seen.add(readFileSync(world.file, "utf8"));
        await new Promise((next) => setImmediate(next));
      }
      assert.equal((await finished).report?.outcome, "updated");
      assert.deepEqual([...seen], [configuration(FORMER), configuration(FRESH)]);
    });

    it("puts no secret on a command line, in an environment or in a file open to others", async () => {
      const patterns = [FORMER, FRESH].flatMap((value) => [
        value,
        Buffer.from(value).toString("base64").slice(0, 16),
      ]);
      writeFileSync(join(world.folder, "patterns"), `${patterns.join("\n")}\n`);
      const watch = `
        { printf '%s\\n' "$0" "$@"; /usr/bin/tr '\\000' '\\n' </proc/self/environ; } >>"$WORLD/calls"
        for one in "${world.state}"/* "${world.home}"/*; do
          if [ -f "$one" ] && /bin/grep -qaFf "$WORLD/patterns" "$one"; then /usr/bin/stat -c '%a %n' "$one" >>"$WORLD/plain"; fi
        done
        exec "$REAL" "$@"`;
      const tools = TOOLS[interpreter.language].split(" ");
      const path = shim(world, Object.fromEntries(tools.map((tool) => [tool, watch])));
      const { report } = await world.finish(start({}, path));
      assert.equal(report?.outcome, "updated");
      const calls = readFileSync(join(world.folder, "calls"), "utf8");
      assert.ok(calls.includes(isShell ? "base64" : "timeout"));
      for (const pattern of patterns)
        assert.ok(!calls.includes(pattern), "a secret was passed to a program");
      const plain = new Set(readFileSync(join(world.folder, "plain"), "utf8").trim().split("\n"));
      assert.deepEqual(
        [...plain].sort(),
        [`640 ${world.file}`, `640 ${join(world.state, "staged")}`].sort(),
      );
    });

    it("restores when the new file cannot be put in place", async () => {
      const staged = join(world.state, "staged");
      const stopCommand = wrapped("stop", (service) => `${service}; rm -f '${staged}'`);
      const { report } = await world.finish(start({ stopCommand }));
      assert.equal(report?.outcome, "restored");
      assert.match(report.reason, /could not be put in place/);
      assert.deepEqual(world.events(), ["stop", "start"]);
      assert.equal(world.stateText("staged"), "");
    });

    it("starts the service and says what hands must do when the former file cannot be put back", async () => {
      world.option("accepted", `${FORMER}\n`);
      const path = shim(world, {
        [isShell ? "mv" : "cp"]: `case "$*" in *restore.next*) exit 1 ;; esac; exec "$REAL" "$@"`,
      });
      const { code, report } = await world.finish(start({}, path));
      assert.equal(code, 22);
      assert.match(report?.reason ?? "", /could not be put back/);
      assert.ok(report?.remedy.includes(`cp -a '${join(world.state, "backup")}' '${world.file}'`));
      assert.equal(await world.control("status"), 0);
      assert.match(world.stateText("journal"), /phase restoring/);
      const again = await world.finish(start());
      assert.equal(again.report?.interrupted, "restoring");
      assert.equal(again.report.outcome, "restored");
      assert.equal(world.readOption("value"), FORMER);
    });

    for (const [what, row, says] of [
      ["no room beside the file", "/dev/x 100 90 10 90% /", /no room/],
      ["a file that is a mount of its own", '/dev/x 1000000 90 900000 1% "$2"', /mount of its own/],
    ] as const) {
      it(`refuses ${what}`, async () => {
        const path = shim(world, { df: `echo Filesystem; echo ${row}` });
        const { report } = await world.finish(start({}, path));
        assert.match(report?.reason ?? "", says);
        assert.ok(!existsSync(world.state));
      });
    }

    it("puts right what a run that was killed in its own recovery left", async () => {
      const owner = (name: string) => `"$(/usr/bin/cut -d- -f1 '${join(world.state, name)}')"`;
      const startCommand = wrapped(
        "start",
        (service) => `if mkdir '${world.folder}/died'; then
          kill -9 ${owner("deadman")} ${owner("lock")}; exit; fi
          exec ${service}`,
      );
      await world.finish(start({ startCommand }));
      assert.notEqual(await world.control("status"), 0);
      rmSync(join(world.state, "lock"));
      const path = shim(world, {
        cp: `case "$*" in *restore.next*) mkdir "$WORLD/struck" && kill -9 ${owner("lock")} ;; esac; exec "$REAL" "$@"`,
      });
      const second = await world.finish(start({}, path));
      assert.equal(second.report, undefined);
      await until("the second dead-man switch has gone", () => leftovers(world).length === 0);
      assert.equal(await world.control("status"), 0);
      assert.equal((await world.finish(start())).report?.outcome, "updated");
    });

    it("is killed and put right when it hangs after the stop", async function () {
      if (isShell && interpreter.name !== "dash") this.skip(); // 15 s each; the switch is the same
      this.timeout(120_000);
      const bounds = { stopTimeoutSeconds: 1, startTimeoutSeconds: 1, proofTimeoutSeconds: 1 };
      const hang = `mkdir "$WORLD/struck" && kill -STOP "$(/usr/bin/cut -d- -f1 '${world.state}/lock')"`;
      // What each of them runs first after the stop; PowerShell runs nothing before the service has started again.
      const path = shim(
        world,
        isShell
          ? { cmp: `${hang}; exec "$REAL" "$@"` }
          : { sync: `[ "$*" != '${world.home}' ] || { ${hang}; }; exec "$REAL" "$@"` },
      );
      const child = start(bounds, path);
      const { code } = await world.finish(child);
      assert.equal(code, null);
      await until("the service runs", () => /phase closed/.test(world.stateText("journal")));
      assert.equal(await world.control("status"), 0);
      assert.equal(world.readOption("value"), isShell ? FORMER : FRESH);
    });

    it("refuses input that does not end in time", async function () {
      this.timeout(150_000); // PowerShell waits by itself, in full
      const path = shim(world, {
        sleep: 'if [ "$1" = 1 ]; then set -- 0.01; fi; exec "$REAL" "$@"',
      });
      const [program, ...args] = interpreter.command(world.script) as [string, ...string[]];
      const child = spawn(program, [...args, "apply"], { env: { ...process.env, PATH: path } });
      child.stdin.write("keyturn-update/1\nconsumer=");
      const { code, report } = await world.finish(child);
      assert.equal(code, 20);
      assert.match(report?.reason ?? "", /not complete within 60 seconds/);
    });

    it("refuses when the dead-man switch does not come up", async function () {
      this.timeout(120_000);
      const path = shim(world, { setsid: "exit 1" });
      const { report } = await world.finish(start({}, path));
      assert.match(report?.reason ?? "", /could not be armed/);
      assert.deepEqual(world.events(), []);
    });
  });
}

/** Files of the state folder that live only while somebody works. */
function leftovers(world: World): string[] {
  return readdirSync(world.state).filter((name) => !["backup", "journal", "report"].includes(name));
}
