// The systemd manager: a stand-in for systemctl and systemd-run on PATH, the service behind it as in the other cases.
import assert from "node:assert/strict";
import { encodeHostInput, type HostUpdate } from "../../src/contracts/host-update";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { interpreters } from "../helpers/interpreters";
import { shim } from "../helpers/shims";
import { FakeHost } from "../helpers/fake-host";
import { until } from "../helpers/until";

// update.ps1 refuses the manager systemd: input.test.ts.
const here = interpreters().filter((one) => one.absent === undefined && one.language === "sh");

/** `systemctl` as far as the script uses it, for sesar.service and two neighbours of one description. */
const systemctl = (fakeHost: FakeHost) => `
  service() { ${fakeHost
    .serviceWords("")
    .slice(0, 3)
    .map((word) => `'${word}'`)
    .join(" ")} "$1"; }
  ticks() { cut -d ' ' -f 22 "/proc/$(cat '${fakeHost.service}/pid')/stat" 2>/dev/null; }
  case "$*" in
    *"-p LoadState sesar.service") echo LoadState=loaded ;;
    *"-p LoadState one.service") echo LoadState=loaded ;;
    *"-p ExecMainStartTimestampMonotonic sesar.service")
      cat "$WORLD/began" 2>/dev/null || echo "ExecMainStartTimestampMonotonic=$(ticks)0000" ;;
    *"-p MainPID sesar.service") echo "MainPID=$(cat '${fakeHost.service}/pid')" ;;
    *"-p LoadState masked.service") echo LoadState=masked ;;
    *"-p LoadState"*) echo LoadState=not-found ;;
    *"-p ActiveState sesar.service") if service status; then echo ActiveState=active; else echo ActiveState=inactive; fi ;;
    *"-p ActiveState"*) echo ActiveState=active ;;
    *"-p Description"*)
      printf 'Description=%s\\nId=%s\\n\\n' 'SESAR (Secure Exchanges Send And Receive)' sesar.service Twin one.service Twin two.service ;;
    "stop sesar.service") service stop ;;
    "start sesar.service") service start ;;
    *) exit 1 ;;
  esac`;

/** \`systemd-run\` as a process of its own. */
const systemdRun = `
  echo "$*" >>"$WORLD/units"
  while [ "$1" != -- ]; do shift; done
  shift
  /usr/bin/setsid "$@" </dev/null >/dev/null 2>&1 &`;

for (const interpreter of here) {
  describe(`host update of a systemd unit on ${interpreter.name}`, () => {
    let fakeHost: FakeHost;
    beforeEach(async () => {
      fakeHost = new FakeHost(interpreter);
      await fakeHost.begin();
    });
    afterEach(() => fakeHost.end());

    const run = (
      service: string | readonly string[],
      bodies: Record<string, string> = {},
      changes: Partial<HostUpdate> = {},
      mode = "apply",
    ) => {
      const path = shim(fakeHost, {
        systemctl: systemctl(fakeHost),
        "systemd-run": systemdRun,
        ...bodies,
      });
      const update = fakeHost.update({
        serviceManager: "systemd",
        service: [service].flat(),
        startCommand: [],
        stopCommand: [],
        statusCommand: [],
        ...changes,
      });
      return fakeHost.finish(fakeHost.spawn(mode, encodeHostInput(update), { PATH: path }));
    };

    for (const name of ["sesar", "sesar.service", "SESAR (Secure Exchanges Send And Receive)"]) {
      it(`finds the unit as ${name} and arms the dead-man switch as a unit of its own`, async () => {
        const { report } = await run(name);
        assert.equal(report?.outcome, "updated", report?.reason);
        assert.equal(report.service, "sesar.service");
        assert.deepEqual(fakeHost.events(), ["stop", "start"]);
        assert.match(
          readFileSync(join(fakeHost.folder, "units"), "utf8"),
          /--unit=keyturn-deadman-/,
        );
        await until("the dead-man switch has gone", () => fakeHost.stateText("deadman") === "");
      });
    }

    it("finds the unit by any of several names", async () => {
      const { report } = await run(["absent", "SESAR (Secure Exchanges Send And Receive)"]);
      assert.deepEqual([report?.outcome, report?.service], ["updated", "sesar.service"]);
    });

    it("stops nothing while the trace may be of the process before", async () => {
      const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
      // Far from both patiences, so that a slow machine cannot carry the age over either.
      const began = Math.round((uptime - 60) * 1e6);
      writeFileSync(join(fakeHost.folder, "began"), `ExecMainStartTimestampMonotonic=${began}\n`);
      const young = await run(
        "sesar",
        {},
        { patienceSeconds: 86_400, exitZeroFor: ["notNow"] },
        "check",
      );
      assert.equal(young.report?.outcome, "notNow", young.stderr);
      assert.match(young.report.reason, /the service was started at/);
      const old = await run("sesar", {}, { patienceSeconds: 20 }, "check");
      assert.equal(old.report?.outcome, "ready", old.report?.reason);
    });

    it("stops once more a unit that somebody else started before the swap", async () => {
      fakeHost.option("other-starts", "1");
      const { report } = await run("sesar", {}, { patienceSeconds: 0 });
      assert.equal(report?.outcome, "updated", report?.reason);
      assert.match(report.reason, /somebody else had started it/);
      assert.deepEqual(fakeHost.events(), ["stop", "other", "stop", "start"]);
    });

    it("restores when the unit's process began before the swap, though nobody had noticed it", async () => {
      fakeHost.option("other-starts", "1");
      fakeHost.option("hides", "");
      // The process is older than the swap by more than the looks at both may differ.
      const mv = `case "$*" in *staged*) sleep 0.5 ;; esac; exec "$REAL" "$@"`;
      const { report } = await run("sesar", { mv }, { patienceSeconds: 0 });
      assert.equal(report?.outcome, "restored", report?.reason);
      assert.match(report.reason, /began before the swap/);
    });

    it("goes on with the same unit after it has put an interrupted update right", async () => {
      fakeHost.option("start-fails", "99");
      const hands = await run("sesar", {}, { startTimeoutSeconds: 1 });
      assert.equal(hands.report?.outcome, "needsHands");
      fakeHost.endSwitch();
      fakeHost.option("start-fails", "0");
      const again = await run("sesar");
      assert.equal(again.report?.outcome, "updated", again.report?.reason);
      assert.deepEqual(
        [again.report.interrupted, again.report.service],
        ["restoring", "sesar.service"],
      );
    });

    it("arms a process of its own when no unit can be started", async () => {
      const { report } = await run("sesar", { "systemd-run": "exit 1" });
      assert.equal(report?.outcome, "updated", report?.reason);
    });

    for (const [service, says] of [
      ["absent", "none has the name or description absent"],
      ["masked", "masked.service is masked"],
      ["Twin", "several have the name or description Twin: one.service two.service"],
      [
        ["sesar", "one"],
        "several have the name or description sesar or one: sesar.service one.service",
      ],
    ] as const) {
      it(`refuses the service ${[service].flat().join(" or ")}`, async () => {
        const { code, report } = await run(service);
        assert.equal(code, 20);
        assert.ok(report?.reason.includes(says), report?.reason);
        assert.deepEqual(fakeHost.events(), []);
      });
    }

    it("names the commands for hands", async () => {
      fakeHost.option("start-fails", "99");
      const { report } = await run("sesar", {}, { startTimeoutSeconds: 1 });
      assert.equal(report?.outcome, "needsHands");
      assert.match(
        report.remedy,
        /systemctl stop sesar\.service .* systemctl start sesar\.service/,
      );
    });
  });
}
