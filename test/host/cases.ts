// The cases of host/CONTRACT.md, as data: every interpreter is held to every one of them.
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { HostOutcome, HostUpdate } from "../../components/pure/host-contract";
import { configuration, FORMER, FRESH, type World } from "./world";

export interface Case {
  /** The law, in the present tense. */
  readonly law: string;
  /** How the host is before the run; the service runs already. */
  readonly given?: (world: World) => void;
  /** Options of the service (fixtures/service.sh), set after its first start. */
  readonly service?: Readonly<Record<string, string>>;
  /** Runs that come first; nothing is asked of them. */
  readonly before?: readonly Partial<HostUpdate>[];
  /** What happens between those and the run. */
  readonly meanwhile?: (world: World) => void;
  readonly mode?: "apply" | "check";
  readonly input?: Partial<HostUpdate>;
  /** Changes that depend on the world's paths. */
  readonly inputOf?: (world: World) => Partial<HostUpdate>;
  readonly environment?: NodeJS.ProcessEnv;
  /** Why it is not run on Windows. */
  readonly notOnWindows?: string;
  readonly outcome: HostOutcome;
  readonly code: number;
  /** Must stand in the reason. */
  readonly says?: string;
  /** Stops and starts of the service, in order; by default as the outcome has it. */
  readonly events?: readonly string[];
  /** The secret that the service holds afterwards; by default as the outcome has it. */
  readonly holds?: string;
  /** What the staged file holds afterwards; by default it is not there. */
  readonly staged?: string;
  readonly nextSync?: string;
}

const line = (time: string, name = "") =>
  `${name}Sync next lookup at ${time} ** You can stop the service before that time\r\n`;

/** Local time some seconds from now, as the trace writes it. */
const fromNow = (seconds: number) => {
  const at = new Date(Date.now() + seconds * 1000);
  const two = (part: number) => String(part).padStart(2, "0");
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
};

const clockTime = (seconds: number) => fromNow(seconds).slice(11, 16);
const monthBefore = () => {
  const now = new Date();
  return new Date(now.getFullYear(), now.getMonth() - 1, 15);
};
const plain = { proofReencrypted: false } as const;
/** One value replaced in the host's own file. */
export const byEditing = {
  ...plain,
  fileMode: "edit",
  before: '"AzureAD_Secret": "',
  after: '"',
} as const satisfies Partial<HostUpdate>;
const untraced = {
  window: "none",
  traceDirectory: "",
  tracePattern: "",
  tracePrefix: "",
  traceSuffix: "",
  failurePatterns: [],
  proofSyncLine: false,
} as const satisfies Partial<HostUpdate>;
const restarted = ["stop", "start"];
const restoredTwice = ["stop", "start", "stop", "start"];
/** A service that leaves its file readable. */
export const notReencrypting = (world: World) => {
  rmSync(join(world.service, "reencrypts"));
  writeFileSync(world.file, configuration(FORMER));
};
const trace = (text: string) => (world: World) => writeFileSync(world.tracePath(), text);
const big = `${configuration(FRESH)}\r\n${"é~$%'\"\\".repeat(22_000)}`;

/** The service's manager knows when its process began. */
const began = (secondsAgo: number) => (world: World) =>
  world.option("started", String(Math.floor(Date.now() / 1000) - secondsAgo));
/** The service announces its next sync again and again. */
const announcing = (world: World) => {
  const timer = setInterval(() => {
    if (existsSync(world.home)) world.addTrace(line(fromNow(900)));
    else clearInterval(timer);
  }, 500);
};

export const adoption: readonly Case[] = [
  {
    law: "updates the file, and the service signs in with the new secret",
    outcome: "updated",
    code: 0,
  },
  {
    law: "does not restart the service when the key id is adopted already",
    before: [{}],
    outcome: "alreadyAdopted",
    code: 10,
    events: restarted,
    holds: FRESH,
  },
  {
    law: "ends with 0 for an outcome that the caller names",
    before: [{}],
    input: { exitZeroFor: ["notNow", "alreadyAdopted"] },
    outcome: "alreadyAdopted",
    code: 0,
    events: restarted,
    holds: FRESH,
  },
  {
    law: "writes the file again when the revision differs",
    before: [{}],
    input: { revision: "2" },
    outcome: "updated",
    code: 0,
    events: restoredTwice,
  },
  { law: "carries a file of 200 KiB", input: { content: big }, outcome: "updated", code: 0 },
  {
    law: "replaces one value in the host's own file",
    given: notReencrypting,
    input: byEditing,
    outcome: "updated",
    code: 0,
  },
  {
    law: "does not restart the service when the edited file holds the value",
    given: notReencrypting,
    before: [byEditing],
    input: { ...byEditing, attempt: "2" },
    outcome: "alreadyAdopted",
    code: 10,
    events: restarted,
    holds: FRESH,
  },
  {
    law: "replaces the value again when somebody has put another one into the file",
    given: notReencrypting,
    before: [byEditing],
    meanwhile: (world) => writeFileSync(world.file, configuration(FORMER)),
    input: byEditing,
    outcome: "updated",
    code: 0,
    events: restoredTwice,
  },
  {
    law: "replaces one value in a file of 200 KiB",
    given: (world) => {
      notReencrypting(world);
      writeFileSync(world.file, `${configuration(FORMER)}\r\n${"é~$%'\"\\".repeat(22_000)}`);
    },
    input: byEditing,
    outcome: "updated",
    code: 0,
  },
  {
    law: "takes what the service writes while it stops as the former file",
    given: (world) => {
      notReencrypting(world);
      world.option("writes-at-stop", configuration(FORMER).replace("Générale", "Paris"));
    },
    input: byEditing,
    outcome: "updated",
    code: 0,
  },
  { law: "needs no trace", input: untraced, outcome: "updated", code: 0 },
];

export const windows: readonly Case[] = [
  {
    law: "stops nothing while the next sync is too near",
    given: trace(line(fromNow(30))),
    outcome: "notNow",
    code: 11,
    says: "is not 60 seconds away",
  },
  {
    law: "stops nothing while a sync that was announced has not ended",
    given: trace(line(fromNow(-5))),
    outcome: "notNow",
    code: 11,
  },
  {
    law: "stops nothing while no sync is announced",
    given: trace("Service started\r\n"),
    outcome: "notNow",
    code: 11,
    says: "announces no next sync",
  },
  {
    law: "goes on when the trace announces a later sync within the patience",
    given: (world) => {
      trace(line(fromNow(-5)))(world);
      setTimeout(() => world.addTrace(line(fromNow(600))), 700);
    },
    input: { patienceSeconds: 10 },
    outcome: "updated",
    code: 0,
  },
  {
    law: "takes a line that is cut in its middle for no line",
    given: (world) =>
      trace(
        line(fromNow(600)) +
          line(fromNow(10)) +
          `Sync next lookup at ${fromNow(700)} ** You can st`,
      )(world),
    outcome: "notNow",
    code: 11,
  },
  {
    law: "reads the last line although it has no line end",
    given: (world) => trace(line(fromNow(-5)) + line(fromNow(600)).trimEnd())(world),
    outcome: "updated",
    code: 0,
  },
  {
    law: "reads the month before while this month's trace is not begun",
    given: (world) => renameSync(world.tracePath(), world.tracePath(monthBefore())),
    outcome: "updated",
    code: 0,
  },
  {
    law: "reads the month before while this month's trace announces nothing",
    given: (world) => {
      renameSync(world.tracePath(), world.tracePath(monthBefore()));
      world.addTrace("Service goes on\r\n");
    },
    outcome: "updated",
    code: 0,
  },
  {
    law: "prefers this month's line to a later time in the month before",
    given: (world) => {
      renameSync(world.tracePath(), world.tracePath(monthBefore()));
      world.addTrace(line(fromNow(5)));
    },
    outcome: "notNow",
    code: 11,
  },
  {
    law: "takes the earliest of the instances' next syncs",
    given: (world) => trace(line(fromNow(20), "[alpha] ") + line(fromNow(900), "[beta] "))(world),
    input: { traceInstances: ["alpha", "beta"] },
    outcome: "notNow",
    code: 11,
  },
  {
    law: "stops nothing while one instance announces nothing",
    given: (world) =>
      trace(line(fromNow(900), "[alphabet] ") + line(fromNow(900), "[beta] "))(world),
    input: { traceInstances: ["alpha", "beta"] },
    outcome: "notNow",
    code: 11,
  },
  {
    law: "goes on when every instance leaves room",
    given: (world) => {
      trace(line(fromNow(900), "[alpha] ") + line(fromNow(800), "[beta] "))(world);
      world.option("instance", "[alpha] [beta] ");
    },
    input: { traceInstances: ["alpha", "beta"] },
    outcome: "updated",
    code: 0,
  },
  {
    law: "stops nothing while no sync is known to be announced since the service's start",
    given: began(30),
    mode: "check",
    input: { patienceSeconds: 600 },
    outcome: "notNow",
    code: 11,
    says: "the service was started at",
  },
  {
    law: "goes on when a sync is announced after the first look since the service's start",
    given: (world) => {
      began(30)(world);
      announcing(world);
    },
    input: { patienceSeconds: 600 },
    outcome: "updated",
    code: 0,
  },
  {
    law: "takes the trace for the service's own when it runs for longer than the patience",
    given: began(601),
    mode: "check",
    input: { patienceSeconds: 600 },
    outcome: "ready",
    code: 0,
  },
  {
    law: "takes a start time that is no number for none",
    service: { started: "2026-01-01" },
    mode: "check",
    input: { patienceSeconds: 600 },
    outcome: "ready",
    code: 0,
  },
  {
    law: "keeps to a daily window",
    inputOf: () => ({
      ...untraced,
      window: "daily",
      windowDaily: `${clockTime(3600)}-${clockTime(7200)}`,
    }),
    outcome: "notNow",
    code: 11,
    says: "daily window",
  },
  {
    law: "goes on inside a daily window, across midnight too",
    inputOf: () => ({
      ...untraced,
      window: "daily",
      windowDaily: `${clockTime(-60)}-${clockTime(-3600)}`,
    }),
    outcome: "updated",
    code: 0,
  },
  {
    law: "stops nothing when the daily window ends within the margin",
    inputOf: () => ({
      ...untraced,
      window: "daily",
      marginSeconds: 1800,
      windowDaily: `${clockTime(-3600)}-${clockTime(600)}`,
    }),
    outcome: "notNow",
    code: 11,
  },
  ...[
    [
      "reads a time that occurs twice as the earlier one",
      "2027-10-31 02:30:00",
      "2027-10-31T00:30:00Z",
    ],
    [
      "reads a time that does not occur as the earlier reading",
      "2027-03-28 02:30:00",
      "2027-03-28T00:30:00Z",
    ],
    [
      "reads a time before a clock change with summer time",
      "2027-10-31 01:30:00",
      "2027-10-30T23:30:00Z",
    ],
    [
      "reads a time after a clock change with winter time",
      "2027-10-31 03:30:00",
      "2027-10-31T02:30:00Z",
    ],
    ["reads the last second of a leap day", "2028-02-29 23:59:59", "2028-02-29T22:59:59Z"],
  ].map(([law, time, nextSync]): Case => ({
    law: law ?? "",
    given: trace(line(time ?? "")),
    mode: "check",
    environment: { TZ: "Europe/Berlin" },
    notOnWindows: "it has one time zone for all, which no environment changes",
    outcome: "ready",
    code: 0,
    nextSync: nextSync ?? "",
  })),
];

export const refusals: readonly Case[] = [
  {
    law: "refuses a service that is not there",
    service: { missing: "" },
    outcome: "refused",
    code: 20,
    says: "none is known",
  },
  {
    law: "refuses a service that somebody else has stopped",
    service: { pid: "0" },
    outcome: "refused",
    code: 20,
    says: "is not running",
  },
  {
    law: "refuses a file that is not there",
    inputOf: (world) => ({ filePath: join(world.home, "absent.json") }),
    outcome: "refused",
    code: 20,
    says: "is not there",
  },
  {
    law: "refuses a symbolic link",
    given: (world) => symlinkSync(world.file, join(world.home, "link")),
    inputOf: (world) => ({ filePath: join(world.home, "link") }),
    outcome: "refused",
    code: 20,
    says: "symbolic link",
  },
  {
    law: "refuses a folder",
    inputOf: (world) => ({ filePath: world.home }),
    outcome: "refused",
    code: 20,
    says: "is a folder",
  },
  {
    law: "refuses a read-only file",
    given: (world) => chmodSync(world.file, 0o440),
    outcome: "refused",
    code: 20,
    says: "read-only",
  },
  {
    law: "refuses a file with several names",
    given: (world) => linkSync(world.file, join(world.home, "twin")),
    outcome: "refused",
    code: 20,
    says: "hard links",
  },
  {
    law: "refuses to edit where the text before the value is missing",
    given: notReencrypting,
    input: { ...byEditing, before: '"AzureAd_Secret": "' },
    outcome: "refused",
    code: 20,
    says: "does not hold the text before",
  },
  {
    law: "refuses to edit where the text before the value stands twice",
    given: (world) => {
      notReencrypting(world);
      writeFileSync(world.file, configuration(FORMER) + configuration(FORMER));
    },
    input: byEditing,
    outcome: "refused",
    code: 20,
    says: "more than once",
  },
  {
    law: "refuses to edit where the text after the value is missing",
    given: notReencrypting,
    input: { ...byEditing, after: "§" },
    outcome: "refused",
    code: 20,
    says: "text after",
  },
  {
    law: "refuses to edit over a line break",
    given: notReencrypting,
    input: { ...byEditing, after: "}" },
    outcome: "refused",
    code: 20,
    says: "line break",
  },
  {
    law: "refuses to edit a file that holds NUL bytes",
    given: (world) => {
      notReencrypting(world);
      writeFileSync(world.file, Buffer.from(configuration(FORMER), "utf16le"));
    },
    input: byEditing,
    outcome: "refused",
    code: 20,
    says: "NUL",
  },
  {
    law: "refuses a trace folder that is not there",
    inputOf: (world) => ({ traceDirectory: join(world.home, "absent") }),
    outcome: "refused",
    code: 20,
    says: "traceDirectory",
  },
  {
    law: "refuses when no trace of the last year is there",
    given: (world) => rmSync(world.tracePath()),
    outcome: "refused",
    code: 20,
    says: "no trace",
  },
  {
    law: "refuses a state folder that is open to others",
    given: (world) => {
      mkdirSync(world.state);
      chmodSync(world.state, 0o755);
    },
    outcome: "refused",
    code: 20,
    says: process.platform === "win32" ? "an access list of its own" : "mode 700",
  },
  {
    law: "refuses a journal that cannot be read",
    given: (world) => {
      world.makeState();
      writeFileSync(join(world.state, "journal"), "keyturn-journal/2\nphase closed\n");
    },
    outcome: "refused",
    code: 20,
    says: "cannot be read",
  },
  {
    law: "names every problem at once",
    service: { missing: "" },
    inputOf: (world) => ({
      filePath: join(world.home, "absent.json"),
      traceDirectory: join(world.home, "absent"),
    }),
    outcome: "refused",
    code: 20,
    says: "is not there, or is not a regular file. traceDirectory",
  },
  {
    law: "refuses to call a key id adopted while the file holds its value in plain text",
    before: [{}],
    meanwhile: (world) => writeFileSync(world.file, configuration(FRESH)),
    outcome: "refused",
    code: 20,
    says: "plain text",
    events: restarted,
    holds: FRESH,
  },
];

const interrupted = (phase: string) => (world: World) => {
  world.makeState();
  const words = [phase, "some-key", "1", "0", "2026-01-01T00:00:00Z"].join(" ");
  writeFileSync(join(world.state, "journal"), `keyturn-journal/1\nphase ${words}\n`);
};

export const checks: readonly Case[] = [
  { law: "says ready, and makes nothing", mode: "check", outcome: "ready", code: 0, events: [] },
  {
    law: "says not now at once, whatever the patience",
    given: trace(line(fromNow(5))),
    mode: "check",
    input: { patienceSeconds: 600 },
    outcome: "notNow",
    code: 11,
  },
  {
    law: "says that the key id is adopted",
    before: [{}],
    mode: "check",
    outcome: "alreadyAdopted",
    code: 10,
    events: restarted,
    holds: FRESH,
  },
  {
    law: "refuses what apply would refuse",
    service: { missing: "" },
    mode: "check",
    outcome: "refused",
    code: 20,
    says: "none is known",
  },
  {
    law: "says that an earlier update was interrupted",
    given: interrupted("stopping"),
    service: { pid: "0" },
    mode: "check",
    outcome: "ready",
    code: 0,
    says: "interrupted (stopping)",
  },
];

export const recoveries: readonly Case[] = [
  {
    law: "goes on after an update that died before the stop",
    given: interrupted("waiting"),
    outcome: "updated",
    code: 0,
  },
  {
    law: "starts a service that a dead update left stopped, then goes on",
    given: interrupted("stopping"),
    service: { pid: "0" },
    outcome: "updated",
    code: 0,
    events: ["start", "stop", "start"],
  },
  {
    law: "says what hands must do when a dead update cannot be put right",
    given: interrupted("stopping"),
    service: { pid: "0", "start-fails": "99" },
    input: { startTimeoutSeconds: 1 },
    outcome: "needsHands",
    code: 22,
    says: "was interrupted (stopping)",
    events: ["start"],
  },
  {
    law: "leaves the next run the sign that the file was not replaced when hands are needed",
    given: (world) => {
      interrupted("stopping")(world);
      writeFileSync(join(world.state, "staged"), "not in place yet");
    },
    service: { pid: "0", "start-fails": "99" },
    input: { startTimeoutSeconds: 1 },
    outcome: "needsHands",
    code: 22,
    events: ["start"],
    staged: "not in place yet",
  },
];

export const restorations: readonly Case[] = [
  {
    law: "puts the former file back when the service does not start",
    service: { "start-fails": "1" },
    outcome: "restored",
    code: 21,
    says: "did not run",
    events: ["stop", "start", "start"],
    input: { startTimeoutSeconds: 1 },
  },
  {
    law: "puts the former file back when the trace shows a failure",
    service: { accepted: `${FORMER}\n` },
    outcome: "restored",
    code: 21,
    says: "AADSTS7000215",
    events: restoredTwice,
  },
  {
    law: "puts the former file back when the service stops by itself",
    service: { accepted: `${FORMER}\n`, "dies-on-failure": "" },
    input: untraced,
    inputOf: () => ({ ...untraced, settleSeconds: 1 }),
    outcome: "restored",
    code: 21,
    says: "stopped running",
    events: ["stop", "start", "start"],
  },
  {
    law: "puts the former file back when no new sync is announced in time",
    service: { "sync-seconds": "30" },
    input: { proofTimeoutSeconds: 1 },
    outcome: "restored",
    code: 21,
    says: "no new line with the next sync",
    events: restoredTwice,
  },
  {
    law: "takes no line for a proof that the service wrote while it stopped",
    service: { "announces-at-stop": "", "sync-seconds": "30" },
    input: { proofTimeoutSeconds: 1 },
    outcome: "restored",
    code: 21,
    says: "no new line with the next sync",
    events: restoredTwice,
  },
  {
    law: "puts the former file back when it is not re-encrypted",
    given: (world) => rmSync(join(world.service, "reencrypts")),
    input: { proofTimeoutSeconds: 1 },
    outcome: "restored",
    code: 21,
    says: "not re-encrypted",
    events: restoredTwice,
  },
  {
    law: "leaves a service that does not stop running",
    service: { "stop-hangs": "1" },
    input: { stopTimeoutSeconds: 1 },
    outcome: "restored",
    code: 21,
    says: "did not stop",
    events: ["stop"],
  },
  {
    law: "does not try a key id a third time by itself",
    service: { accepted: `${FORMER}\n` },
    before: [{}, {}],
    outcome: "refused",
    code: 20,
    says: "restored from twice",
    events: [...restoredTwice, ...restoredTwice],
    holds: FORMER,
  },
  {
    law: "tries a key id again when the retry counter is raised",
    service: { accepted: `${FORMER}\n` },
    before: [{}, {}],
    input: { retry: 1 },
    outcome: "restored",
    code: 21,
    events: [...restoredTwice, ...restoredTwice, ...restoredTwice],
  },
  {
    law: "says what hands must do when the service does not start at all",
    service: { "start-fails": "99" },
    input: { startTimeoutSeconds: 1 },
    outcome: "needsHands",
    code: 22,
    events: ["stop", "start", "start"],
  },
];
