// What happens around a run: two at once, signals, a lost connection, a host that lacks something, readers, watchers.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeHostInput, type HostUpdate } from "../../src/contracts/host-update";
import { interpreters } from "../helpers/interpreters";
import { shim, TOOLS } from "../helpers/shims";
import { configuration, FORMER, FRESH, FakeHost, type Finished } from "../helpers/fake-host";
import { until } from "../helpers/until";
import { leaveOut } from "../helpers/leave-out";

// Watchers and killers are shell scripts on PATH: a POSIX host.
const whyLeft = (one: (typeof all)[number]): string | undefined =>
  one.absent ?? (process.platform === "win32" ? "its watchers are shell scripts" : undefined);
const all = interpreters();
const here = all.filter((one) => whyLeft(one) === undefined);

for (const one of all.filter(({ language }) => language !== "sh")) {
  const reason = whyLeft(one);
  if (reason === undefined) continue;
  describe(`host update under faults on ${one.name}`, () => void it(`is not run: ${reason}`));
}
/** PowerShell comes up slowly on a machine that does other things. */
const SLOW_SECONDS = 120;
/** Far from both: what a run takes after a switch that lets go (3 s), and the watch of a stop that may come (50 s). */
const LET_GO_SECONDS = 25;

for (const interpreter of here) {
  describe(`host update under faults on ${interpreter.name}`, function () {
    this.timeout(400_000);
    const isShell = interpreter.language === "sh";
    let fakeHost: FakeHost;
    beforeEach(async () => {
      fakeHost = new FakeHost(interpreter);
      await fakeHost.begin();
    });
    afterEach(() => fakeHost.end());

    const start = (changes: Partial<HostUpdate> = {}, PATH = interpreter.path) =>
      fakeHost.spawn("apply", encodeHostInput(fakeHost.update(changes)), { PATH });
    /** A command of the service with something before or after it, as a script of its own. */
    const wrapped = (action: "start" | "stop", text: (service: string) => string) => {
      const path = join(fakeHost.folder, `${action}.sh`);
      writeFileSync(
        path,
        text(
          fakeHost
            .serviceWords(action)
            .map((word) => `'${word}'`)
            .join(" "),
        ),
      );
      return ["sh", path];
    };
    /** The owner mark of CONTRACT.md section 6: pid, start time, the boot's first word. */
    const markOf = (pid: number): string => {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const startTime = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
      const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").split("-")[0];
      return `${pid}-${startTime}-${boot}`;
    };
    const outcomes = (all: readonly Finished[]) => all.map((one) => one.report?.outcome).sort();

    it("lets one of many at once update, and refuses the others", async () => {
      const all = await Promise.all([1, 2, 3, 4].map(() => fakeHost.finish(start())));
      assert.equal(outcomes(all).filter((one) => one === "updated").length, 1);
      assert.deepEqual(fakeHost.events(), ["stop", "start"]);
      assert.ok(outcomes(all).every((one) => one !== "needsHands" && one !== "restored"));
    });

    it("lets one of many take over the lock of a dead owner", async () => {
      mkdirSync(fakeHost.state, { mode: 0o700 });
      writeFileSync(join(fakeHost.state, "lock"), "4194000-1-0\n");
      writeFileSync(join(fakeHost.state, "lock.4194000-1-0"), "4194001-1-0\n");
      // All four have seen the dead owner before the first of them takes over.
      const path = shim(fakeHost, {
        ln: `case "$*" in *lock.4194001*)
            : >"$WORLD/seen.$PPID"
            tries=0
            while [ "$(ls "$WORLD" | grep -c '^seen')" -lt 4 ] && [ $tries -lt 400 ]; do tries=$((tries + 1)); /bin/sleep 0.05; done
          esac
          exec "$REAL" "$@"`,
      });
      const all = await Promise.all([1, 2, 3, 4].map(() => fakeHost.finish(start({}, path))));
      const contenders = readdirSync(fakeHost.folder).filter((name) => name.startsWith("seen"));
      assert.equal(contenders.length, 4);
      assert.equal(outcomes(all).filter((one) => one === "updated").length, 1);
      assert.deepEqual(fakeHost.events(), ["stop", "start"]);
      await until("the dead-man switch has gone", () => leftovers(fakeHost).length === 0);
    });

    it("goes on when a dead-man switch lets the lock go that has taken its own mark away", async () => {
      mkdirSync(fakeHost.state, { mode: 0o700 });
      const lock = join(fakeHost.state, "lock");
      const tries = join(fakeHost.folder, "tries");
      // A process that lives as long as this test does: to the run it is one that holds the lock.
      writeFileSync(lock, `${markOf(process.pid)}\n`);
      const path = shim(fakeHost, { ln: `echo >>'${tries}'; exec "$REAL" "$@"` });
      const run = start({}, path);
      const triedTwice = (): boolean => existsSync(tries) && readFileSync(tries, "utf8").length > 1;
      await until("the run to ask for the lock again", triedTwice, SLOW_SECONDS);
      rmSync(lock);
      const { report } = await fakeHost.finish(run);
      assert.equal(report?.outcome, "updated", report?.reason);
    });

    it("leaves nothing behind but the journal, the report and the encrypted copy", async () => {
      await fakeHost.finish(start());
      await until("the dead-man switch has gone", () => leftovers(fakeHost).length === 0);
      assert.deepEqual(readdirSync(fakeHost.state).sort(), ["backup", "journal", "report"]);
    });

    it("keeps the last 40 lines of history in the journal", async () => {
      const lines = Array.from(
        { length: 45 },
        (_, n) => `adopted key-${n} r e 2026-01-01T00:00:00Z`,
      );
      const closed = "phase closed key-44 r 0 2026-01-01T00:00:00Z";
      mkdirSync(fakeHost.state, { mode: 0o700 });
      const text = ["keyturn-journal/1", closed, ...lines, ""].join("\n");
      writeFileSync(join(fakeHost.state, "journal"), text, { mode: 0o600 });
      const { report } = await fakeHost.finish(start());
      assert.equal(report?.outcome, "updated", report?.reason);
      const kept = fakeHost.stateText("journal").match(/^adopted .*$/gm) ?? [];
      assert.deepEqual([kept.length, kept[0]?.split(" ")[1]], [40, "key-6"]);
    });

    it("changes nothing when it is asked to end before the stop", async () => {
      fakeHost.addTrace(
        "Sync next lookup at 2020-01-01 00:00:00 ** You can stop the service before that time\n",
      );
      const child = start({ patienceSeconds: 300 });
      await until(
        "it waits for the window",
        () => fakeHost.stateText("journal").includes("phase waiting"),
        SLOW_SECONDS,
      );
      child.kill("SIGTERM");
      const { report } = await fakeHost.finish(child);
      assert.equal(report?.outcome, "refused");
      assert.match(report.reason, /Ended by SIGTERM before/);
      assert.deepEqual(fakeHost.events(), []);
      assert.match(fakeHost.stateText("journal"), /phase closed/);
    });

    it("restores when it is asked to end after the stop", async () => {
      fakeHost.option("sync-seconds", "600");
      const child = start({ proofTimeoutSeconds: 20 });
      await until(
        "it proves",
        () => fakeHost.stateText("journal").includes("phase proving"),
        SLOW_SECONDS,
      );
      child.kill("SIGTERM");
      const { report } = await fakeHost.finish(child);
      assert.equal(report?.outcome, "restored");
      assert.equal(fakeHost.readOption("value"), FORMER);
    });

    it("goes on to its end when the connection is lost", async () => {
      fakeHost.option("sync-seconds", "2");
      const child = start();
      const stopping = () => fakeHost.stateText("journal").includes("phase st");
      await until("the stop is asked for", stopping, 60);
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.kill("SIGHUP");
      await until("it reports", () => fakeHost.stateText("report").includes('"outcome":"updated"'));
      assert.deepEqual(fakeHost.events(), ["stop", "start"]);
    });

    it("goes on to its end when a hang-up reaches every process of the session", async () => {
      fakeHost.option("stop-seconds", "3");
      const child = start();
      const stopping = () => fakeHost.events().includes("stop");
      await until("the stop is at work", stopping, 60);
      for (const pid of sessionOf(child.pid ?? 0)) hangUp(pid);
      const { report } = await fakeHost.finish(child);
      assert.equal(report?.outcome, "updated", report?.reason);
      assert.deepEqual(fakeHost.events(), ["stop", "start"]);
    });

    it("shows every reader the former file or the fresh one, whole", async () => {
      fakeHost.option("accepted", `${FORMER}\n${FRESH}\n`);
      await fakeHost.control("stop");
      writeFileSync(fakeHost.file, configuration(FORMER));
      rmSync(join(fakeHost.service, "reencrypts"));
      await fakeHost.control("start");
      const seen = new Set<string>();
      const child = start({ proofReencrypted: false });
      const finished = fakeHost.finish(child);
      const progress = { ended: false };
      void finished.then(() => (progress.ended = true));
      while (!progress.ended) {
        seen.add(readFileSync(fakeHost.file, "utf8"));
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
      writeFileSync(join(fakeHost.folder, "patterns"), `${patterns.join("\n")}\n`);
      const watch = `
        { printf '%s\\n' "$0" "$@"; /usr/bin/tr '\\000' '\\n' </proc/self/environ; } >>"$WORLD/calls"
        for one in "${fakeHost.state}"/* "${fakeHost.home}"/*; do
          if [ -f "$one" ] && /bin/grep -qaFf "$WORLD/patterns" "$one"; then /usr/bin/stat -c '%a %n' "$one" >>"$WORLD/plain"; fi
        done
        exec "$REAL" "$@"`;
      const tools = TOOLS[interpreter.language].split(" ");
      const path = shim(fakeHost, Object.fromEntries(tools.map((tool) => [tool, watch])));
      const { report } = await fakeHost.finish(start({}, path));
      assert.equal(report?.outcome, "updated");
      const calls = readFileSync(join(fakeHost.folder, "calls"), "utf8");
      assert.ok(calls.includes(isShell ? "base64" : "timeout"));
      for (const pattern of patterns)
        assert.ok(!calls.includes(pattern), "a secret was passed to a program");
      const plain = new Set(
        readFileSync(join(fakeHost.folder, "plain"), "utf8").trim().split("\n"),
      );
      assert.deepEqual(
        [...plain].sort(),
        [`640 ${fakeHost.file}`, `640 ${join(fakeHost.state, "staged")}`].sort(),
      );
    });

    it("restores when the new file cannot be put in place", async () => {
      const staged = join(fakeHost.state, "staged");
      const stopCommand = wrapped("stop", (service) => `${service}; rm -f '${staged}'`);
      const { report } = await fakeHost.finish(start({ stopCommand }));
      assert.equal(report?.outcome, "restored");
      assert.match(report.reason, /could not be put in place/);
      assert.deepEqual(fakeHost.events(), ["stop", "start"]);
      assert.equal(fakeHost.stateText("staged"), "");
    });

    it("starts the service and says what hands must do when the former file cannot be put back", async () => {
      fakeHost.option("accepted", `${FORMER}\n`);
      const path = shim(fakeHost, {
        [isShell ? "mv" : "cp"]: `case "$*" in *restore.next*) exit 1 ;; esac; exec "$REAL" "$@"`,
      });
      // A service that signs in with nothing announces no sync: each wait for one lasts to its bound.
      const bounds = { proofTimeoutSeconds: 5 };
      const { code, report } = await fakeHost.finish(start(bounds, path));
      assert.equal(code, 22);
      assert.match(report?.reason ?? "", /could not be put back/);
      assert.ok(
        report?.remedy.includes(`cp -a '${join(fakeHost.state, "backup")}' '${fakeHost.file}'`),
      );
      assert.equal(await fakeHost.control("status"), 0);
      assert.match(fakeHost.stateText("journal"), /phase restoring/);
      const again = await fakeHost.finish(start(bounds));
      assert.equal(again.report?.interrupted, "restoring");
      assert.equal(again.report.outcome, "restored");
      assert.equal(fakeHost.readOption("value"), FORMER);
    });

    it("leaves the dead-man switch with a service that is not down yet, until it runs again", async () => {
      const bounds = { stopTimeoutSeconds: 1, startTimeoutSeconds: 1, proofTimeoutSeconds: 1 };
      fakeHost.option("stops-late", "1");
      fakeHost.option("stop-seconds", "16"); // longer than the run may watch it
      const { code, report } = await fakeHost.finish(start(bounds));
      assert.equal(code, 22);
      assert.match(report?.reason ?? "", /has not ended its stop|did not run/);
      assert.match(
        report?.remedy ?? "",
        /end the service's process, which does not end after its stop/,
      );
      assert.match(report?.remedy ?? "", /the dead-man switch asks for its start again/);
      await until("the switch has gone", () => leftovers(fakeHost).length === 0, 60);
      assert.equal(await fakeHost.control("status"), 0);
      assert.equal(fakeHost.readOption("value"), FORMER);
      assert.match(fakeHost.stateText("journal"), /phase closed/);
    });

    for (const when of ["at once", "between two recoveries"])
      it(`has the dead-man switch let a service go that somebody starts ${when}, and the next run goes on`, async () => {
        const startSeconds = 1;
        const bounds = {
          stopTimeoutSeconds: 1,
          startTimeoutSeconds: startSeconds,
          proofTimeoutSeconds: 1,
        };
        fakeHost.option("start-fails", "1000");
        const { code } = await fakeHost.finish(start({ ...bounds, deadManSeconds: 300 }));
        assert.equal(code, 22);
        if (when === "between two recoveries") {
          const before = fakeHost.events().length;
          let asked = before;
          let since = performance.now();
          const rests = (): boolean => {
            const now = fakeHost.events().length;
            if (now !== asked) since = performance.now();
            asked = now;
            return asked > before && performance.now() - since > 2 * startSeconds * 1000;
          };
          await until("the switch has asked for a start in vain, and rests", rests, 30);
        }
        fakeHost.option("start-fails", "0");
        assert.equal(await fakeHost.control("start"), 0);
        const { report } = await fakeHost.finish(start());
        assert.equal(report?.outcome, "updated", report?.reason);
        // Whoever took a stop for still on its way, the run or the switch before it, would watch for longer than that.
        assert(report.milliseconds < LET_GO_SECONDS * 1000, `${report.milliseconds} ms`);
      });

    for (const [what, row, says] of [
      ["no room beside the file", "/dev/x 100 90 10 90% /", /no room/],
      ["a file that is a mount of its own", '/dev/x 1000000 90 900000 1% "$2"', /mount of its own/],
    ] as const) {
      it(`refuses ${what}`, async () => {
        const path = shim(fakeHost, { df: `echo Filesystem; echo ${row}` });
        const { report } = await fakeHost.finish(start({}, path));
        assert.match(report?.reason ?? "", says);
        assert.ok(!existsSync(fakeHost.state));
      });
    }

    it("puts right what a run that was killed in its own recovery left", async () => {
      const owner = (name: string) => `"$(/usr/bin/cut -d- -f1 '${join(fakeHost.state, name)}')"`;
      const startCommand = wrapped(
        "start",
        (service) => `if mkdir '${fakeHost.folder}/died'; then
          kill -9 ${owner("deadman")} ${owner("lock")}; exit; fi
          exec ${service}`,
      );
      await fakeHost.finish(start({ startCommand }));
      assert.notEqual(await fakeHost.control("status"), 0);
      rmSync(join(fakeHost.state, "lock"));
      const path = shim(fakeHost, {
        cp: `case "$*" in *restore.next*) mkdir "$WORLD/struck" && kill -9 ${owner("lock")} ;; esac; exec "$REAL" "$@"`,
      });
      const second = await fakeHost.finish(start({}, path));
      assert.equal(second.report, undefined);
      // It watches a service that may still be on its way down.
      await until(
        "the second dead-man switch has gone",
        () => leftovers(fakeHost).length === 0,
        60,
      );
      assert.equal(await fakeHost.control("status"), 0);
      assert.equal((await fakeHost.finish(start())).report?.outcome, "updated");
    });

    it("has the dead-man switch of a run that was killed want a line of a successful sync too", async function () {
      if (isShell && interpreter.name !== "dash") leaveOut(this, "15 s each, by the same order");
      fakeHost.option("accepted", `${FORMER}\n`);
      fakeHost.option("announces-failure", "");
      const patterns = { failurePatterns: [], successPatterns: ["synchronised"] };
      const child = start({ ...patterns, proofTimeoutSeconds: 5 });
      const journal = () => fakeHost.stateText("journal");
      await until("it proves", () => journal().includes("phase proving"), SLOW_SECONDS);
      child.kill("SIGKILL");
      await until("it is put right", () => /phase closed/.test(journal()), SLOW_SECONDS);
      assert.equal(fakeHost.readOption("value"), FORMER);
      assert.match(journal(), /^restored /m);
    });

    it("has the dead-man switch stop a service again that did not stop, and runs on the new file", async function () {
      if (isShell && interpreter.name !== "dash") leaveOut(this, "25 s each, by the same order");
      fakeHost.option("accepted", `${FORMER}\n`);
      fakeHost.option("announces-failure", "");
      const bounds = { stopTimeoutSeconds: 1, startTimeoutSeconds: 1, proofTimeoutSeconds: 2 };
      const patterns = { failurePatterns: [], successPatterns: ["synchronised"] };
      const child = start({ ...patterns, ...bounds });
      const journal = () => fakeHost.stateText("journal");
      await until("it proves", () => journal().includes("phase proving"), SLOW_SECONDS);
      fakeHost.option("stop-hangs", "1");
      child.kill("SIGKILL");
      await until("the switch has gone", () => leftovers(fakeHost).length === 0, SLOW_SECONDS);
      assert.deepEqual(fakeHost.events(), ["stop", "start", "stop", "stop", "start"]);
      assert.equal(fakeHost.readOption("value"), FORMER);
      assert.match(journal(), /phase closed/);
    });

    it("is killed and put right when it hangs after the stop", async function () {
      if (isShell && interpreter.name !== "dash")
        leaveOut(this, "15 s each, and the switch is the one that dash has shown");
      this.timeout(120_000);
      const bounds = { stopTimeoutSeconds: 1, startTimeoutSeconds: 1, proofTimeoutSeconds: 1 };
      const hang = `mkdir "$WORLD/struck" && kill -STOP "$(/usr/bin/cut -d- -f1 '${fakeHost.state}/lock')"`;
      // What each of them runs first after the stop; PowerShell runs nothing before the service has started again.
      const path = shim(
        fakeHost,
        isShell
          ? { cmp: `${hang}; exec "$REAL" "$@"` }
          : { sync: `[ "$*" != '${fakeHost.home}' ] || { ${hang}; }; exec "$REAL" "$@"` },
      );
      const child = start(bounds, path);
      const { code } = await fakeHost.finish(child);
      assert.equal(code, null);
      await until("the service runs", () => /phase closed/.test(fakeHost.stateText("journal")));
      assert.equal(await fakeHost.control("status"), 0);
      assert.equal(fakeHost.readOption("value"), isShell ? FORMER : FRESH);
    });

    for (const [what, input] of [
      ["that is cut", () => "keyturn-update/1\nconsumer="],
      ["that is whole", () => encodeHostInput(fakeHost.update())],
    ] as const) {
      for (const mode of ["apply", "check"]) {
        it(`refuses input ${what} when its stream does not end in time: ${mode}`, async () => {
          inputWithin(2);
          const [program, ...args] = interpreter.command(fakeHost.script) as [string, ...string[]];
          const env = { ...process.env, PATH: interpreter.path };
          const child = spawn(program, [...args, mode], { env });
          child.stdin.write(input());
          const { code, report } = await fakeHost.finish(child);
          assert.equal(code, 20);
          assert.match(report?.reason ?? "", /stream did not end within 2 seconds/);
          assert.ok(!existsSync(fakeHost.state));
          assert.deepEqual(fakeHost.events(), []);
        });
      }
    }

    /** The bound of the input's coming, in this host's copy of the script. */
    function inputWithin(seconds: number): void {
      const text = readFileSync(fakeHost.script, "utf8");
      const changed = text.replace(
        /^(\$script:InputSeconds = |INPUT_SECONDS=)60$/m,
        `$1${seconds}`,
      );
      assert.notEqual(changed, text);
      writeFileSync(fakeHost.script, changed);
    }

    it("refuses when the dead-man switch does not come up", async function () {
      this.timeout(120_000);
      const path = shim(fakeHost, {
        setsid: 'case "$*" in *" deadman "*) exit 1 ;; esac; exec "$REAL" "$@"',
      });
      const { report } = await fakeHost.finish(start({}, path));
      assert.match(report?.reason ?? "", /could not be armed/);
      assert.deepEqual(fakeHost.events(), []);
    });
  });
}

/** The processes of a session, as the kernel tells them. */
function sessionOf(leader: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]) === leader;
      } catch {
        return false; // gone meanwhile
      }
    })
    .map(Number);
}

function hangUp(pid: number): void {
  try {
    process.kill(pid, "SIGHUP");
  } catch {
    // gone meanwhile
  }
}

/** Files of the state folder that live only while somebody works. */
function leftovers(fakeHost: FakeHost): string[] {
  return readdirSync(fakeHost.state).filter(
    (name) => !["backup", "journal", "report"].includes(name),
  );
}
