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
import type { HostOutcome, HostReport, HostUpdate } from "../../src/contracts/host-update";
import { configuration, FORMER, FRESH, type FakeHost } from "../helpers/fake-host";

export interface Case {
  /** The law, in the present tense. */
  readonly law: string;
  /** How the host is before the run; the service runs already. */
  readonly given?: (fakeHost: FakeHost) => void;
  /** Options of the service (fixtures/service.sh), set after its first start. */
  readonly service?: Readonly<Record<string, string>>;
  /** Runs that come first; nothing is asked of them. */
  readonly before?: readonly Partial<HostUpdate>[];
  /** What happens between those and the run. */
  readonly meanwhile?: (fakeHost: FakeHost) => void;
  readonly mode?: "apply" | "check";
  readonly input?: Partial<HostUpdate>;
  /** Changes that depend on the fake host's paths. */
  readonly inputOf?: (fakeHost: FakeHost) => Partial<HostUpdate>;
  readonly environment?: NodeJS.ProcessEnv;
  /** Why it is not run on Windows. */
  readonly notOnWindows?: string;
  /** Why this machine cannot show it. */
  readonly leftOut?: string;
  readonly outcome: HostOutcome;
  readonly code: number;
  /** Must stand in the reason. */
  readonly says?: string;
  /** The refusal names no other problem. */
  readonly alone?: true;
  /** Members of the report. */
  readonly tells?: Partial<HostReport>;
  /** Stops and starts of the service, in order; by default as the outcome has it. */
  readonly events?: readonly string[];
  /** The secret that the service holds afterwards; by default as the outcome has it. */
  readonly holds?: string;
  /** An event that may come several times in a row, and counts once; how often it comes then, in all. */
  readonly repeats?: string;
  readonly times?: readonly [least: number, most: number];
  /** What the staged file holds afterwards; by default it is not there. */
  readonly staged?: string;
  readonly nextSync?: string;
  /** The run takes no longer, in seconds: far from what it takes, and from what it took once. */
  readonly within?: number;
  /** The umask, the locale and the signals that a session of these has, for the service: of its first start, but this locale. */
  readonly startsLike?: { readonly locale: string };
  /** The service itself changes its file during the run. */
  readonly serviceWrites?: true;
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
/** What the service writes in a sync that succeeded. */
const SYNCED = "Annuaire é synchronised: 12 users";
/** A file that not even root can read, of some size. */
const UNREADABLE = "/sys/bus/cpu/drivers_probe";
const restarted = ["stop", "start"];
const restoredTwice = ["stop", "start", "stop", "start"];
/** A service that leaves its file readable. */
export const notReencrypting = (fakeHost: FakeHost) => {
  rmSync(join(fakeHost.service, "reencrypts"));
  writeFileSync(fakeHost.file, configuration(FORMER));
};
const trace = (text: string) => (fakeHost: FakeHost) => writeFileSync(fakeHost.tracePath(), text);
/** A state folder with this journal, given as Latin-1. */
const journalOf = (text: string) => (fakeHost: FakeHost) => {
  fakeHost.makeState();
  writeFileSync(join(fakeHost.state, "journal"), text, "latin1");
};
const big = `${configuration(FRESH)}\r\n${"é~$%'\"\\".repeat(22_000)}`;

/** The service's manager knows when its process began. */
const began = (secondsAgo: number) => (fakeHost: FakeHost) =>
  fakeHost.option("started", String(Math.floor(Date.now() / 1000) - secondsAgo));
/** The service announces its next sync again and again. */
const announcing = (fakeHost: FakeHost) => {
  const timer = setInterval(() => {
    if (existsSync(fakeHost.home)) fakeHost.addTrace(line(fromNow(900)));
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
  {
    law: "starts the service with the umask, the locale and the signals of the session",
    environment: { LC_ALL: "C.UTF-8" },
    startsLike: { locale: "C.UTF-8" },
    outcome: "updated",
    code: 0,
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
    meanwhile: (fakeHost) => writeFileSync(fakeHost.file, configuration(FORMER)),
    input: byEditing,
    outcome: "updated",
    code: 0,
    events: restoredTwice,
  },
  {
    law: "replaces one value in a file of 200 KiB",
    given: (fakeHost) => {
      notReencrypting(fakeHost);
      writeFileSync(fakeHost.file, `${configuration(FORMER)}\r\n${"é~$%'\"\\".repeat(22_000)}`);
    },
    input: byEditing,
    outcome: "updated",
    code: 0,
  },
  {
    law: "takes what the service writes while it stops as the former file",
    given: (fakeHost) => {
      notReencrypting(fakeHost);
      fakeHost.option("writes-at-stop", configuration(FORMER).replace("Générale", "Paris"));
    },
    serviceWrites: true,
    input: byEditing,
    outcome: "updated",
    code: 0,
  },
  {
    law: "needs no trace, and says what it did not see",
    input: untraced,
    outcome: "updated",
    code: 0,
    says: "does not tell when the process began",
  },
  {
    law: "says nothing of the process's beginning where the manager tells it",
    given: began(7200),
    outcome: "updated",
    code: 0,
    says: "proven.",
  },
  {
    law: "takes a next sync for a proof where a line says that the sync has succeeded",
    service: { synced: SYNCED },
    input: { successPatterns: ["Documents moved", "é synchronised"] },
    outcome: "updated",
    code: 0,
  },
  {
    law: "takes a line of a successful sync for a proof where no next one is announced",
    service: { synced: SYNCED },
    input: { window: "none", proofSyncLine: false, successPatterns: ["synchronised: 12"] },
    outcome: "updated",
    code: 0,
  },
  {
    law: "takes no failure for its own that the service wrote behind NULs while it stopped",
    service: { "trace-at-stop": `${"\0".repeat(4096)}ERROR AADSTS7000215\r\n` },
    outcome: "updated",
    code: 0,
  },
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
    law: "takes a sync in the last of all years for none",
    given: trace(line(fromNow(600)) + line("9999-12-31 23:59:59")),
    outcome: "notNow",
    code: 11,
    says: "announces no next sync within 31 days",
  },
  {
    law: "takes a sync more than 31 days ahead for none",
    given: (fakeHost) => trace(line(fromNow(32 * 86_400)))(fakeHost),
    mode: "check",
    outcome: "notNow",
    code: 11,
    says: "announces no next sync within 31 days",
  },
  {
    law: "stops nothing while one instance announces its sync too far ahead",
    given: (fakeHost) =>
      trace(line(fromNow(900), "[alpha] ") + line("9999-01-01 00:00:00", "[beta] "))(fakeHost),
    mode: "check",
    input: { traceInstances: ["alpha", "beta"] },
    outcome: "notNow",
    code: 11,
    says: "announces no next sync within 31 days",
  },
  {
    law: "stops nothing while the trace announces a sync further ahead than the patience and an hour",
    given: (fakeHost) => trace(line(fromNow(300)) + line(fromNow(3900)))(fakeHost),
    mode: "check",
    input: { patienceSeconds: 900 },
    outcome: "notNow",
    code: 11,
    says: "more than 3600 seconds ahead. Either the service's clock is not the host's",
  },
  {
    law: "stops nothing while one instance announces its sync further ahead than that",
    given: (fakeHost) =>
      trace(line(fromNow(900), "[alpha] ") + line(fromNow(3900), "[beta] "))(fakeHost),
    mode: "check",
    input: { patienceSeconds: 900, traceInstances: ["alpha", "beta"] },
    outcome: "notNow",
    code: 11,
    says: "more than 3600 seconds ahead",
  },
  {
    law: "takes a sync as far ahead as the patience for announced",
    given: (fakeHost) => trace(line(fromNow(7000)))(fakeHost),
    mode: "check",
    input: { patienceSeconds: 7200 },
    outcome: "ready",
    code: 0,
  },
  {
    law: "takes any sync for announced in the proof: the service has just read the clock",
    service: { "next-seconds": "7200" },
    outcome: "updated",
    code: 0,
  },
  {
    law: "reads a line that NULs stand before",
    given: (fakeHost) => trace(line(fromNow(-5)) + "\0".repeat(64) + line(fromNow(600)))(fakeHost),
    mode: "check",
    outcome: "ready",
    code: 0,
  },
  {
    law: "goes on when the trace announces a later sync within the patience",
    given: (fakeHost) => {
      trace(line(fromNow(-5)))(fakeHost);
      setTimeout(() => fakeHost.addTrace(line(fromNow(600))), 700);
    },
    input: { patienceSeconds: 10 },
    outcome: "updated",
    code: 0,
  },
  {
    law: "takes a line that is cut in its middle for no line",
    given: (fakeHost) =>
      trace(
        line(fromNow(600)) +
          line(fromNow(10)) +
          `Sync next lookup at ${fromNow(700)} ** You can st`,
      )(fakeHost),
    outcome: "notNow",
    code: 11,
  },
  {
    law: "reads the last line although it has no line end",
    given: (fakeHost) => trace(line(fromNow(-5)) + line(fromNow(600)).trimEnd())(fakeHost),
    outcome: "updated",
    code: 0,
  },
  {
    law: "reads the month before while this month's trace is not begun",
    given: (fakeHost) => renameSync(fakeHost.tracePath(), fakeHost.tracePath(monthBefore())),
    outcome: "updated",
    code: 0,
  },
  {
    law: "reads the month before while this month's trace announces nothing",
    given: (fakeHost) => {
      renameSync(fakeHost.tracePath(), fakeHost.tracePath(monthBefore()));
      fakeHost.addTrace("Service goes on\r\n");
    },
    outcome: "updated",
    code: 0,
  },
  {
    law: "prefers this month's line to a later time in the month before",
    given: (fakeHost) => {
      renameSync(fakeHost.tracePath(), fakeHost.tracePath(monthBefore()));
      fakeHost.addTrace(line(fromNow(5)));
    },
    outcome: "notNow",
    code: 11,
  },
  {
    law: "takes the earliest of the instances' next syncs",
    given: (fakeHost) =>
      trace(line(fromNow(20), "[alpha] ") + line(fromNow(900), "[beta] "))(fakeHost),
    input: { traceInstances: ["alpha", "beta"] },
    outcome: "notNow",
    code: 11,
  },
  {
    law: "stops nothing while one instance announces nothing",
    given: (fakeHost) =>
      trace(line(fromNow(900), "[alphabet] ") + line(fromNow(900), "[beta] "))(fakeHost),
    input: { traceInstances: ["alpha", "beta"] },
    outcome: "notNow",
    code: 11,
  },
  {
    law: "goes on when every instance leaves room",
    given: (fakeHost) => {
      trace(line(fromNow(900), "[alpha] ") + line(fromNow(800), "[beta] "))(fakeHost);
      fakeHost.option("instance", "[alpha] [beta] ");
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
    law: "waits for nobody whom the status program has left on its output, and takes what it said",
    given: began(30),
    service: { "leaves-children": "3" },
    mode: "check",
    input: { patienceSeconds: 600 },
    outcome: "notNow",
    code: 11,
    says: "the service was started at",
    within: 150,
  },
  {
    law: "goes on when a sync is announced after the first look since the service's start",
    given: (fakeHost) => {
      began(30)(fakeHost);
      announcing(fakeHost);
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
    law: "takes a start time in the future for none: the clock was set back since",
    given: began(-3600),
    mode: "check",
    input: { patienceSeconds: 600 },
    outcome: "ready",
    code: 0,
  },
  {
    law: "updates a service that began in the future, as the clock now says",
    given: (fakeHost) => {
      began(-3600)(fakeHost);
      notReencrypting(fakeHost);
    },
    input: { ...plain, patienceSeconds: 600 },
    outcome: "updated",
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
  // Times that are past: one so far ahead announces nothing.
  ...[
    [
      "reads a time that occurs twice as the earlier one",
      "2024-10-27 02:30:00",
      "2024-10-27T00:30:00Z",
    ],
    [
      "reads a time that does not occur as the earlier reading",
      "2024-03-31 02:30:00",
      "2024-03-31T00:30:00Z",
    ],
    [
      "reads a time before a clock change with summer time",
      "2024-10-27 01:30:00",
      "2024-10-26T23:30:00Z",
    ],
    [
      "reads a time after a clock change with winter time",
      "2024-10-27 03:30:00",
      "2024-10-27T02:30:00Z",
    ],
    ["reads the last second of a leap day", "2024-02-29 23:59:59", "2024-02-29T22:59:59Z"],
  ].map(([law, time, nextSync]): Case => ({
    law: law ?? "",
    given: trace(line(time ?? "")),
    mode: "check",
    environment: { TZ: "Europe/Berlin" },
    notOnWindows: "it has one time zone for all, which no environment changes",
    outcome: "notNow",
    code: 11,
    nextSync: nextSync ?? "",
  })),
];

/** Only a failure in the trace is looked for. */
const failuresOnly = { window: "none", proofSyncLine: false } as const;

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
    inputOf: (fakeHost) => ({ filePath: join(fakeHost.home, "absent.json") }),
    outcome: "refused",
    code: 20,
    says: "is not there",
  },
  {
    law: "refuses a symbolic link",
    given: (fakeHost) => symlinkSync(fakeHost.file, join(fakeHost.home, "link")),
    inputOf: (fakeHost) => ({ filePath: join(fakeHost.home, "link") }),
    outcome: "refused",
    code: 20,
    says: "symbolic link",
  },
  {
    law: "refuses a folder",
    inputOf: (fakeHost) => ({ filePath: fakeHost.home }),
    outcome: "refused",
    code: 20,
    says: "is a folder",
  },
  {
    law: "refuses a read-only file",
    given: (fakeHost) => chmodSync(fakeHost.file, 0o440),
    outcome: "refused",
    code: 20,
    says: "read-only",
  },
  {
    law: "refuses a file with several names",
    given: (fakeHost) => linkSync(fakeHost.file, join(fakeHost.home, "twin")),
    outcome: "refused",
    code: 20,
    says: "hard links",
    alone: true,
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
    given: (fakeHost) => {
      notReencrypting(fakeHost);
      writeFileSync(fakeHost.file, configuration(FORMER) + configuration(FORMER));
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
    law: "refuses to edit where the new value would make the text before the value a second time",
    given: (fakeHost) => {
      notReencrypting(fakeHost);
      fakeHost.option("accepted", `${FORMER}\nx"k\n`);
      writeFileSync(fakeHost.file, `${configuration(FORMER)}"k": "Zold": "Zrest`);
    },
    input: { ...byEditing, before: '"k": "Z', after: '": "', value: 'x"k' },
    outcome: "refused",
    code: 20,
    says: "with the new value would hold the text before the value more than once",
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
    given: (fakeHost) => {
      notReencrypting(fakeHost);
      writeFileSync(fakeHost.file, Buffer.from(configuration(FORMER), "utf16le"));
    },
    input: byEditing,
    outcome: "refused",
    code: 20,
    says: "NUL",
  },
  {
    law: "refuses a trace folder that is not there",
    inputOf: (fakeHost) => ({ traceDirectory: join(fakeHost.home, "absent") }),
    outcome: "refused",
    code: 20,
    says: "traceDirectory",
  },
  {
    law: "refuses when no trace of the last year is there",
    given: (fakeHost) => rmSync(fakeHost.tracePath()),
    outcome: "refused",
    code: 20,
    says: "no trace",
  },
  ...(
    [
      ["UTF-16", Buffer.from(`\uFEFF${line(fromNow(900))}`, "utf16le")],
      ["UTF-16 without its mark", Buffer.from(line(fromNow(900)), "utf16le")],
      ["big-endian UTF-16", Buffer.from(line(fromNow(900)), "utf16le").swap16()],
    ] as const
  ).map(([encoding, text]): Case => ({
    law: `refuses a trace in ${encoding}`,
    given: (fakeHost) => writeFileSync(fakeHost.tracePath(), text),
    input: failuresOnly,
    outcome: "refused",
    code: 20,
    says: "is in UTF-16",
    alone: true,
  })),
  ...(["startCommand", "stopCommand", "statusCommand"] as const).flatMap((name) =>
    ["/nowhere/keyturn-absent", "keyturn-absent"].map((program): Case => ({
      law: `refuses a ${name} whose program is not there, ${program.startsWith("/") ? "by its path" : "by its name"}`,
      input: {
        [name]: [process.platform === "win32" ? program.replaceAll("/", "\\") : program, "sesar"],
      },
      outcome: "refused",
      code: 20,
      says: `${name}: its program `,
    })),
  ),
  {
    law: "refuses a startCommand that may not be run",
    given: (fakeHost) =>
      writeFileSync(join(fakeHost.folder, "plain"), "#!/bin/sh\n", { mode: 0o644 }),
    inputOf: (fakeHost) => ({ startCommand: [join(fakeHost.folder, "plain")] }),
    notOnWindows: "Windows runs what it can read",
    outcome: "refused",
    code: 20,
    says: "startCommand: its program ",
    alone: true,
  },
  {
    law: "refuses a state folder that is open to others",
    given: (fakeHost) => {
      mkdirSync(fakeHost.state);
      chmodSync(fakeHost.state, 0o755);
    },
    outcome: "refused",
    code: 20,
    says: process.platform === "win32" ? "an access list of its own" : "mode 700",
  },
  {
    law: "refuses a journal that holds a NUL",
    given: (fakeHost) => {
      fakeHost.makeState();
      const closed = "phase closed k 1 0 2026-01-01T00:00:00Z";
      writeFileSync(join(fakeHost.state, "journal"), `keyturn-journal/1\n${closed}\0\n`);
    },
    mode: "check",
    outcome: "refused",
    code: 20,
    says: "cannot be read",
  },
  {
    law: "refuses a journal that cannot be read",
    given: (fakeHost) => {
      fakeHost.makeState();
      writeFileSync(join(fakeHost.state, "journal"), "keyturn-journal/2\nphase closed\n");
    },
    outcome: "refused",
    code: 20,
    says: "cannot be read",
  },
  {
    law: "tells nothing of what stands in a journal that cannot be read",
    given: journalOf(
      "keyturn-journal/2\nadopted k 1 e 2026-01-01T00:00:00Z\n" +
        "restored 11111111-2222-3333-4444-555555555555 0 2026-01-01T00:00:00Z\n",
    ),
    outcome: "refused",
    code: 20,
    says: "cannot be read",
    tells: { adoptedKeyId: null, restoredCount: 0 },
  },
  {
    law: "refuses a journal that is not UTF-8",
    given: journalOf("keyturn-journal/1\nadopted \xff 1 e 2026-01-01T00:00:00Z\n"),
    mode: "check",
    outcome: "refused",
    code: 20,
    says: "cannot be read",
    tells: { adoptedKeyId: null },
  },
  {
    law: "refuses a journal whose line of the trace holds nothing",
    given: journalOf("keyturn-journal/1\ntrace\n"),
    mode: "check",
    outcome: "refused",
    code: 20,
    says: "cannot be read",
  },
  {
    law: "names every problem at once",
    service: { missing: "" },
    inputOf: (fakeHost) => ({
      filePath: join(fakeHost.home, "absent.json"),
      traceDirectory: join(fakeHost.home, "absent"),
    }),
    outcome: "refused",
    code: 20,
    says: "is not there, or is not a regular file. traceDirectory",
  },
  {
    law: "refuses to call a key id adopted while the file holds its value in plain text",
    before: [{}],
    meanwhile: (fakeHost) => writeFileSync(fakeHost.file, configuration(FRESH)),
    outcome: "refused",
    code: 20,
    says: "plain text",
    events: restarted,
    holds: FRESH,
  },
];

const interrupted = (phase: string) => (fakeHost: FakeHost) => {
  fakeHost.makeState();
  const words = [phase, "some-key", "1", "0", "2026-01-01T00:00:00Z"].join(" ");
  writeFileSync(join(fakeHost.state, "journal"), `keyturn-journal/1\nphase ${words}\n`);
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
    law: "goes on after an update that died before the stop, whatever its order and an older copy say",
    given: (fakeHost) => {
      interrupted("waiting")(fakeHost);
      writeFileSync(join(fakeHost.state, "order"), "keyturn-update/1\nconsumer=");
      writeFileSync(join(fakeHost.state, "backup"), "of an update long ago");
    },
    outcome: "updated",
    code: 0,
  },
  {
    law: "refuses, and names no hands, when what died before the stop cannot be closed",
    given: (fakeHost) => {
      interrupted("waiting")(fakeHost);
      writeFileSync(join(fakeHost.state, "backup"), "of an update long ago");
      mkdirSync(join(fakeHost.state, "journal.next"));
    },
    outcome: "refused",
    code: 20,
    says: "cannot be written",
  },
  {
    law: "puts a dead update right whose order was cut",
    given: (fakeHost) => {
      interrupted("stopping")(fakeHost);
      writeFileSync(join(fakeHost.state, "order"), "keyturn-update/1\nconsumer=");
    },
    service: { pid: "0" },
    outcome: "updated",
    code: 0,
    events: ["start", "stop", "start"],
  },
  {
    law: "is not ended by its switch while it waits after it has put a dead update right",
    given: interrupted("stopping"),
    service: { pid: "0" },
    input: { stopTimeoutSeconds: 1, startTimeoutSeconds: 1, proofTimeoutSeconds: 1 },
    inputOf: () => ({
      ...untraced,
      window: "daily",
      windowDaily: `${clockTime(3600)}-${clockTime(7200)}`,
      patienceSeconds: 20,
    }),
    outcome: "notNow",
    code: 11,
    events: ["start"],
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
    repeats: "start",
    events: ["start"],
  },
  {
    law: "leaves the next run the sign that the file was not replaced when hands are needed",
    given: (fakeHost) => {
      interrupted("stopping")(fakeHost);
      writeFileSync(join(fakeHost.state, "staged"), "not in place yet");
    },
    service: { pid: "0", "start-fails": "99" },
    input: { startTimeoutSeconds: 1 },
    outcome: "needsHands",
    code: 22,
    repeats: "start",
    events: ["start"],
    staged: "not in place yet",
  },
];

/** Somebody else starts the service as soon as it has stopped. */
const others = ["stop", "other", "stop", "start"];

export const otherStarts: readonly Case[] = [
  {
    law: "stops once more a service that somebody else started before the swap",
    service: { "other-starts": "1" },
    outcome: "updated",
    code: 0,
    says: "somebody else had started it",
    events: others,
  },
  {
    law: "stops it once more without a trace and without a sign in the file",
    given: notReencrypting,
    service: { "other-starts": "1" },
    input: { ...untraced, ...plain },
    outcome: "updated",
    code: 0,
    says: "somebody else had started it",
    events: others,
  },
  {
    law: "stops it once more when one value of its file is edited",
    given: notReencrypting,
    service: { "other-starts": "1" },
    input: { ...untraced, ...byEditing },
    outcome: "updated",
    code: 0,
    events: others,
  },
  {
    law: "takes what somebody else starts after the swap for the service on the new file",
    given: (fakeHost) => {
      notReencrypting(fakeHost);
      fakeHost.option("awaited-by", join(fakeHost.state, "journal"));
    },
    service: { "other-starts": "2" },
    input: plain,
    outcome: "updated",
    code: 0,
    says: "somebody else had started it",
    events: ["stop", "other", "stop", "other"],
  },
  {
    law: "restores when a process that somebody else started writes the file",
    given: (fakeHost) => {
      notReencrypting(fakeHost);
      fakeHost.option("writes-at-stop", configuration(FORMER).replace("Générale", "Paris"));
    },
    serviceWrites: true,
    service: { "other-starts": "1" },
    input: { ...untraced, ...byEditing },
    outcome: "restored",
    code: 21,
    says: "somebody else started before the swap has written the file",
    events: others,
  },
  {
    law: "restores when the process that runs began before the swap, though its manager had not noticed it",
    given: began(7200),
    service: { "other-starts": "1", hides: "", "other-began": "30" },
    outcome: "restored",
    code: 21,
    says: "began before the swap",
    events: ["stop", "other", "stop", "start"],
  },
  {
    law: "restores when the service puts the former file back as it starts",
    given: (fakeHost) => {
      notReencrypting(fakeHost);
      fakeHost.option("writes-at-start", configuration(FORMER));
    },
    input: { ...untraced, ...plain },
    outcome: "restored",
    code: 21,
    says: "the former one again",
    events: restoredTwice,
  },
];

export const restorations: readonly Case[] = [
  {
    law: "puts the former file back when the service does not start",
    service: { "start-fails-on": FRESH },
    outcome: "restored",
    code: 21,
    says: "did not run",
    events: ["stop", "start", "start"],
    input: { startTimeoutSeconds: 1 },
  },
  {
    law: "asks for the start again when one has failed",
    service: { "start-fails": "1" },
    outcome: "updated",
    code: 0,
    events: ["stop", "start", "start"],
  },
  {
    law: "asks for the start again with pauses, not all the time",
    service: { "start-fails-on": FRESH },
    input: { startTimeoutSeconds: 6 },
    outcome: "restored",
    code: 21,
    says: "did not run",
    repeats: "start",
    // Within 6 s at 0, 1 and 3 s, and once more for the former file.
    times: [3, 4],
    events: ["stop", "start"],
  },
  {
    law: "asks for the start until the service that was slow to stop has stopped",
    service: { "stops-late": "1", "stop-seconds": "7" },
    input: { stopTimeoutSeconds: 1, startTimeoutSeconds: 3 },
    outcome: "restored",
    code: 21,
    says: "did not stop",
    events: ["stop", "ended", "start"],
  },
  {
    law: "starts a service again that seemed to run on while it was slow to stop",
    service: { "stops-late": "1", "stop-seconds": "7", "stopping-status": "0" },
    input: { stopTimeoutSeconds: 1, startTimeoutSeconds: 3 },
    outcome: "restored",
    code: 21,
    says: "did not stop",
    events: ["stop", "ended", "start"],
  },
  {
    law: "puts the former file back when the trace shows a failure",
    service: { accepted: `${FORMER}\n` },
    input: { proofTimeoutSeconds: 5 },
    outcome: "restored",
    code: 21,
    says: "AADSTS7000215",
    events: restoredTwice,
  },
  {
    law: "puts the former file back when the trace cannot be read any more",
    ...(existsSync(UNREADABLE) ? {} : { leftOut: `${UNREADABLE} is not there` }),
    notOnWindows: "test/host/windows has a process that holds the trace",
    // The service goes on in another folder, so that nothing is written to what nobody can read.
    given: (fakeHost) => {
      const elsewhere = join(fakeHost.folder, "elsewhere");
      mkdirSync(elsewhere);
      writeFileSync(
        join(fakeHost.folder, "stop.sh"),
        `printf '%s' '${elsewhere}' >'${join(fakeHost.service, "trace")}'\n` +
          `ln -sf '${UNREADABLE}' '${fakeHost.tracePath()}'\n` +
          `exec ${fakeHost
            .serviceWords("stop")
            .map((word) => `'${word}'`)
            .join(" ")}\n`,
      );
    },
    inputOf: (fakeHost) => ({
      ...failuresOnly,
      proofTimeoutSeconds: 2,
      stopCommand: ["sh", join(fakeHost.folder, "stop.sh")],
    }),
    outcome: "restored",
    code: 21,
    events: restoredTwice,
    says: "the trace cannot be read within 2 seconds",
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
    law: "puts the former file back when the next sync is announced after a sign-in that failed",
    service: { synced: SYNCED, accepted: `${FORMER}\n`, "announces-failure": "" },
    input: { failurePatterns: [], successPatterns: ["synchronised"], proofTimeoutSeconds: 1 },
    outcome: "restored",
    code: 21,
    says: "no new line of a successful sync",
    events: restoredTwice,
  },
  {
    law: "takes no line of a successful sync for a proof that the service wrote while it stopped",
    service: {
      "trace-at-stop": `${SYNCED}\r\n`,
      accepted: `${FORMER}\n`,
      "announces-failure": "",
    },
    input: { failurePatterns: [], successPatterns: ["synchronised"], proofTimeoutSeconds: 1 },
    outcome: "restored",
    code: 21,
    says: "no new line of a successful sync",
    events: restoredTwice,
  },
  {
    law: "puts the former file back when one of the instances has no successful sync",
    service: { synced: SYNCED, instance: "[alphabet] [beta] " },
    input: {
      window: "none",
      proofSyncLine: false,
      traceInstances: ["beta", "alpha"],
      successPatterns: ["synchronised"],
      proofTimeoutSeconds: 1,
    },
    outcome: "restored",
    code: 21,
    says: "no new line of a successful sync",
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
    law: "counts NULs that the service wrote while it stopped, and takes no line before them for a proof",
    inputOf: () => ({ proofTimeoutSeconds: 1 }),
    given: (fakeHost) => fakeHost.option("trace-at-stop", "\0".repeat(4096) + line(fromNow(900))),
    service: { "sync-seconds": "30" },
    outcome: "restored",
    code: 21,
    says: "no new line with the next sync",
    events: restoredTwice,
  },
  {
    law: "puts the former file back when it is not re-encrypted",
    given: (fakeHost) => rmSync(join(fakeHost.service, "reencrypts")),
    input: { proofTimeoutSeconds: 1 },
    outcome: "restored",
    code: 21,
    says: "not re-encrypted",
    events: restoredTwice,
  },
  {
    law: "leaves a service that does not stop running",
    service: { "stop-hangs": "1" },
    input: { stopTimeoutSeconds: 1, startTimeoutSeconds: 1, proofTimeoutSeconds: 1 },
    outcome: "restored",
    code: 21,
    says: "did not stop",
    events: ["stop"],
  },
  {
    law: "does not try a key id a third time by itself",
    service: { accepted: `${FORMER}\n` },
    input: { proofTimeoutSeconds: 2 },
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
    input: { retry: 1, proofTimeoutSeconds: 2 },
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
    repeats: "start",
    events: ["stop", "start"],
  },
];
