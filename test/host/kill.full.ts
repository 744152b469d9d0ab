// The kill table: kill -9 at every boundary of the transaction, then the promises P2, P3 and P5 are checked from outside.
// The script has no hook: the programs that it starts, and the service's own commands, strike at the boundary they see.
import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type HostReport, encodeHostInput } from "../../src/contracts/host-update";
import { ALL_SHELLS, interpreters, type Interpreter, quickest } from "../helpers/interpreters";
import { type Pass, passesOf } from "../helpers/cultures";
import { shim } from "../helpers/shims";
import { configuration, FORMER, FRESH, FakeHost } from "../helpers/fake-host";
import { fixture } from "../helpers/paths";
import { until } from "../helpers/until";

/** A boundary: which program strikes, when its arguments (or the journal's phase) match, before or after its work. */
interface Boundary {
  readonly name: string;
  readonly program: string;
  readonly match: string;
  readonly when: "before" | "after";
  /** Which of several matches; @default 1. */
  readonly nth?: number;
}

const at = (name: string, program: string, match: string): Boundary[] => [
  { name: `before ${name}`, program, match, when: "before" },
  { name: `after ${name}`, program, match, when: "after" },
];
const journal = (phase: string) => at(`journal ${phase}`, "mv", `phase ${phase}`);

const boundaries: readonly Boundary[] = [
  { name: "within the input", program: "base64", match: "-d", when: "before" },
  { name: "within the host check", program: "df", match: "-P", when: "before" },
  ...at("lock", "ln", "owner"),
  ...journal("waiting"),
  ...at("order", "mv", "order.next"),
  { name: "dead-man switch armed", program: "mv", match: "deadman.next", when: "after" },
  ...at("backup", "cp", "backup.next"),
  ...at("staged copy", "cp", "staged"),
  { name: "staged file written", program: "touch", match: "staged", when: "before" },
  ...journal("stopping"),
  ...at("stop", "service", "stop"),
  ...at("comparison", "cmp", "/backup"),
  ...at("swap", "mv", "/staged "),
  ...at("start", "service", "start"),
  ...journal("proving"),
  ...journal("closed"),
  ...at("report", "mv", "report.next"),
];

/** Boundaries of putting the former file back, when the fresh secret is refused. */
const restoring: readonly Boundary[] = [
  ...journal("restoring"),
  { name: "before second stop", program: "service", match: "stop", when: "before", nth: 2 },
  { name: "after second stop", program: "service", match: "stop", when: "after", nth: 2 },
  ...at("copy of the backup", "cp", "restore.next"),
  ...at("putting back", "mv", "/restore.next "),
  { name: "before second start", program: "service", match: "start", when: "before", nth: 2 },
  { name: "after second start", program: "service", match: "start", when: "after", nth: 2 },
  ...journal("closed"),
];

interface Fault {
  readonly name: string;
  /** What is killed: the script, its process group (as a session that is torn down), or the dead-man switch too. */
  readonly kills: "script" | "group" | "both";
  /** Whether the next run comes at once, or only when the dead-man switch has done its work. */
  readonly rerun: "at once" | "later";
  /** Tried by `npm run test:host` only: the column beside it says most of what this one does. */
  readonly allShellsOnly?: true;
}

const columns: readonly Fault[] = [
  { name: "script killed, rerun later", kills: "script", rerun: "later", allShellsOnly: true },
  { name: "group killed, rerun later", kills: "group", rerun: "later" },
  { name: "script killed, rerun at once", kills: "script", rerun: "at once", allShellsOnly: true },
  { name: "script and dead-man killed", kills: "both", rerun: "at once" },
];
const faults = columns.filter(({ allShellsOnly }) => allShellsOnly === undefined || ALL_SHELLS);

/** What the table is of, its rows, and whether the service refuses the fresh secret. */
const tables = [
  ["that succeeds", boundaries, false],
  ["that restores", restoring, true],
] as const;

/** The programs that PowerShell starts too: it renames, reads and writes by itself, so nothing strikes between those. */
const POWERSHELL = new Set(["df", "ln", "cp", "service"]);

/** A stop that may be on its way is watched for this long: `deadManSeconds` less a start and 5 s. */
const WATCH_SECONDS = 26 - 3 - 5;

/** The service must run this long after the death: 2 s, stop, start, proof and settle (CONTRACT.md section 7), and slack. */
const BOUND_SECONDS = 2 + 2 + 3 + 3 + 4;

for (const interpreter of interpreters()) {
  const isShell = interpreter.language === "sh";
  if (interpreter.absent !== undefined || process.platform === "win32") {
    const reason = interpreter.absent ?? "its killers are shell scripts";
    if (!isShell)
      describe(`kill -9 on ${interpreter.name}`, () => void it(`is not run: ${reason}`));
    continue;
  }
  if (isShell && !ALL_SHELLS && interpreter !== quickest()) continue;
  for (const pass of passesOf(interpreter)) for (const table of tables) holdToTable(pass, table);
}

function holdToTable(pass: Pass, [what, all, refused]: (typeof tables)[number]): void {
  const isShell = pass.of(0).language === "sh";
  const boundaries = all.filter(({ program }) => isShell || POWERSHELL.has(program));
  describe(`kill -9 of the host update ${what} on ${pass.name}`, function () {
    this.timeout(600_000);
    const cells = new Map<string, Map<string, string>>(
      boundaries.map(({ name }) => [name, new Map()]),
    );
    for (const fault of faults) {
      it(`survives at every boundary: ${fault.name}`, async () => {
        const waiting = [...boundaries];
        const work = async () => {
          for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
            const verdict = await strike(
              pass.of(boundaries.indexOf(one)),
              one,
              fault,
              refused,
            ).catch((error: unknown) => `FAILS ${String(error).replaceAll(/\s+/g, " ")}`);
            cells.get(one.name)?.set(fault.name, verdict);
          }
        };
        await Promise.all([work(), work(), work()]);
        const failed = boundaries.filter(({ name }) =>
          cells.get(name)?.get(fault.name)?.startsWith("FAILS"),
        );
        assert.deepEqual(
          failed.map(({ name }) => `${name}: ${cells.get(name)?.get(fault.name) ?? ""}`),
          [],
        );
      });
    }
    after(() => {
      console.log(`\n| boundary | ${faults.map(({ name }) => name).join(" | ")} |`);
      console.log(`|---|${faults.map(() => "---|").join("")}`);
      for (const [name, verdicts] of cells) {
        console.log(
          `| ${name} | ${faults.map((fault) => verdicts.get(fault.name) ?? "not run").join(" | ")} |`,
        );
      }
    });
  });
}

/** One cell: the kill, the promises, the rerun. Returns what was seen, in a few words. */
async function strike(
  interpreter: Interpreter,
  boundary: Boundary,
  fault: Fault,
  refused: boolean,
): Promise<string> {
  const fakeHost = new FakeHost(interpreter);
  try {
    await fakeHost.begin();
    if (refused) fakeHost.option("accepted", FORMER);
    const update = fakeHost.update({
      stopTimeoutSeconds: 2,
      startTimeoutSeconds: 3,
      proofTimeoutSeconds: 3,
      stopCommand: ["sh", join(fakeHost.folder, "service.sh"), "stop"],
      startCommand: ["sh", join(fakeHost.folder, "service.sh"), "start"],
    });
    const path = weapons(fakeHost, boundary, fault);
    const child = fakeHost.spawn("apply", encodeHostInput(update), { PATH: path });
    writeFileSync(join(fakeHost.folder, "pid"), `${child.pid ?? ""}\n`);
    const { code } = await fakeHost.finish(child);
    assert.equal(code, null, "the script was not killed");
    const died = performance.now();
    assertWhole(fakeHost);

    const risky = /phase (stopping|proving|restoring)/;
    let seconds = 0;
    if (fault.rerun === "later") {
      await until("the service runs", () => fakeHost.processIsThere(), BOUND_SECONDS);
      await until(
        "the dead-man switch has gone",
        () => !existsSync(join(fakeHost.state, "deadman")),
        BOUND_SECONDS + WATCH_SECONDS,
      );
      await settledUnder(fakeHost, BOUND_SECONDS);
      assert.equal(await fakeHost.control("status"), 0, "the service does not run");
      assert.doesNotMatch(fakeHost.stateText("journal"), risky);
      assert.equal(fakeHost.stateText("staged"), "");
      seconds = (performance.now() - died) / 1000;
      assertWhole(fakeHost);
    }
    const report = await rerun(fakeHost, encodeHostInput(update));
    const fit = refused ? ["restored", "refused"] : ["updated", "alreadyAdopted"];
    assert.ok(fit.includes(report.outcome), report.reason);
    assert.equal(await fakeHost.control("status"), 0);
    assert.equal(
      fakeHost.readOption("value"),
      refused ? FORMER : FRESH,
      "the service holds another secret",
    );
    assertWhole(fakeHost);
    assert.equal(fakeHost.stateText("staged"), "");
    assert.equal(existsSync(join(fakeHost.state, "order")), false);
    const starts = fakeHost.events().filter((event) => event === "start").length;
    assert.ok(starts <= (refused ? 5 : 2), `${starts} restarts`);
    assert.ok(!fakeHost.events().includes("lost"), "documents lost");
    return `${report.outcome}, ${starts} restart${starts === 1 ? "" : "s"}${seconds > 0 ? `, ${seconds.toFixed(1)} s` : ""}`;
  } finally {
    await fakeHost.end();
  }
}

/** Runs once more; while the dead-man switch is at work in the dead run's stead, a run is refused, and the next one comes. */
async function rerun(fakeHost: FakeHost, input: string): Promise<HostReport> {
  const give = performance.now() + (BOUND_SECONDS + WATCH_SECONDS) * 1000;
  for (;;) {
    const { report, stderr } = await fakeHost.finish(fakeHost.spawn("apply", input));
    assert.ok(report, stderr);
    const busy = report.outcome === "refused" && report.reason.includes("is at work (process");
    if (!busy || performance.now() > give) return report;
  }
}

/** The programs that strike: once only, at the boundary. Returns the PATH with them. */
function weapons(fakeHost: FakeHost, boundary: Boundary, fault: Fault): string {
  const kills = {
    script: 'kill -9 "$pid"',
    group: 'kill -9 "-$pid"',
    both: "kill -9 $dead $pid",
  };
  const strikes = `
    strike() {
      mkdir "$WORLD/struck" 2>/dev/null || return 0
      while [ ! -s "$WORLD/pid" ]; do /bin/sleep 0.01; done
      pid=$(/bin/cat "$WORLD/pid") dead=$(/bin/cat '${fakeHost.state}/deadman' 2>/dev/null | /usr/bin/cut -d- -f1)
      ${kills[fault.kills]} 2>/dev/null
    }`;
  const hits =
    boundary.program === "mv" && boundary.match.startsWith("phase")
      ? `case "$*" in *journal.next*) /bin/grep -q '^${boundary.match} ' "$2" ;; *) false ;; esac`
      : `case " $* " in *'${boundary.match}'*) true ;; *) false ;; esac`;
  const body = `${strikes}
    hit=no
    if [ ! -d "$WORLD/struck" ] && ${hits}; then
      echo >>"$WORLD/hits"
      [ "$(/usr/bin/wc -l <"$WORLD/hits")" -lt ${boundary.nth ?? 1} ] || hit=yes
    fi
    [ $hit = no ] || [ ${boundary.when} = after ] || strike
    "$REAL" "$@"
    code=$?
    [ $hit = no ] || [ ${boundary.when} = before ] || strike
    exit $code`;
  // Under \`timeout\`, in a process group of its own: the service's commands outlive the script.
  const service = join(fakeHost.folder, "service.sh");
  const real = `set -- '${fixture(__dirname, "fixtures", "service.sh")}' '${fakeHost.service}' "$@"; WORLD='${fakeHost.folder}' REAL=sh`;
  const armed = boundary.program === "service";
  writeFileSync(service, armed ? `hits=$1\n${real}\n${body}\n` : `${real}\nexec sh "$@"\n`);
  chmodSync(service, 0o755);
  return armed ? fakeHost.interpreter.path : shim(fakeHost, { [boundary.program]: body });
}

/** P3: the file is the former one, the fresh one, or what the service made of one of them, whole. */
function assertWhole(fakeHost: FakeHost): void {
  const text = readFileSync(fakeHost.file, "utf8");
  const plain = text.startsWith("ENC:")
    ? Buffer.from(text.slice(4), "base64").toString("utf8")
    : text;
  const whole = [FRESH, FORMER].map((value) => configuration(value));
  assert.ok(whole.includes(plain), `the file is not whole: ${String(text.length)} bytes`);
}

/** Waits until nobody holds the lock or it is of the dead and the journal asks for nothing. */
async function settledUnder(fakeHost: FakeHost, seconds: number): Promise<void> {
  await until(
    "the journal asks for nothing",
    () => !/phase (stopping|proving|restoring)/.test(fakeHost.stateText("journal")),
    seconds,
  );
}
