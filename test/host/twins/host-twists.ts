// What may be otherwise on the host: the file, its trace, the state folder, the service, and the session's environment.
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { configuration, FORMER, FRESH, OTHER_WRITER, WRITER } from "../../helpers/fake-host";
import { KEY_ID, PREFIX, SUFFIX, type Scene } from "./scene";
import { drawn, oneOf, type Twist } from "./twist";

type Change = (scene: Scene) => void;

const written =
  (text: string): Change =>
  ({ file }) =>
    writeFileSync(file, text);
function asFolder(path: string): void {
  rmSync(path);
  mkdirSync(path);
}
/** Leaves a link in its place, to where it is now. */
function asLink(path: string, home: string, name: string): void {
  renameSync(path, join(home, name));
  symlinkSync(name, path);
}
const files: Readonly<Record<string, Change>> = {
  "is not there": ({ file }) => rmSync(file),
  "is a folder": ({ file }) => asFolder(file),
  "is a symbolic link": ({ file, home }) => asLink(file, home, "other"),
  "is a link to nothing": ({ file }) => {
    rmSync(file);
    symlinkSync("nothing", file);
  },
  "has two names": ({ file, home }) => linkSync(file, join(home, "other")),
  "is read-only": ({ file }) => chmodSync(file, 0o440),
  "is open to all": ({ file }) => chmodSync(file, 0o666),
  "runs as its owner": ({ file }) => chmodSync(file, 0o4755),
  "is empty": written(""),
  "holds a NUL": written(`\0${configuration(FORMER)}`),
  "is the fresh one already": written(configuration(FRESH)),
  "holds the value in UTF-16": ({ file }) => writeFileSync(file, Buffer.from(FRESH, "utf16le")),
  "is no UTF-8": ({ file }) => writeFileSync(file, Buffer.from([0xff, 0xfe, 0x22])),
  "is of 200 KiB": written(configuration(FORMER) + "é~$%'\"\\".repeat(22_000)),
  "has a line end more": written(`${configuration(FORMER)}\n\n`),
};

const edit: Change = (scene) => {
  scene.set("fileMode", "edit");
  scene.set("content", "");
  scene.set("before", '"AzureAD_Secret": "');
  scene.set("after", '"');
};

/** Text around the value over two letters, so that they overlap. */
const letters = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 0, maxLength: 4 });
const overlaps = fc.record({
  before: letters,
  value: letters,
  after: letters,
  text: letters,
  tail: letters,
});

const traceParts: Readonly<Record<string, (scene: Scene) => string>> = {
  "a line in an hour": (scene) => scene.traceLine(3600),
  "a line in 90 s": (scene) => scene.traceLine(90),
  "a line of a minute ago": (scene) => scene.traceLine(-60),
  "a line in 40 days": (scene) => scene.traceLine(40 * 86_400),
  "a line of the last year": () => `${PREFIX}9999-12-31 23:59:59${SUFFIX}\r\n`,
  "a line of the year 0": () => `${PREFIX}0000-01-01 00:00:00${SUFFIX}\n`,
  "a line of 1969": () => `${PREFIX}1969-12-31 23:59:59${SUFFIX}\n`,
  "a day that is none": () => `${PREFIX}2031-02-30 10:00:00${SUFFIX}\n`,
  "an hour that is none": (scene) => `${PREFIX}${scene.time(3600).slice(0, 11)}24:00:00${SUFFIX}\n`,
  "a second too many": (scene) => `${PREFIX}${scene.time(3600).slice(0, 17)}60${SUFFIX}\n`,
  "a date with a T": (scene) => `${PREFIX}${scene.time(3600).replace(" ", "T")}${SUFFIX}\n`,
  "digits of another script": () => `${PREFIX}٢٠٣١-٠١-٠١ ٠٠:٠٠:٠٠${SUFFIX}\n`,
  "a line that is cut": (scene) => scene.traceLine(3600).slice(0, 50),
  "a line without its end": (scene) => scene.traceLine(3600).trimEnd(),
  "a suffix alone": () => `${SUFFIX}\n`,
  "the prefix twice": (scene) => PREFIX + scene.traceLine(3600),
  "two times in one line": (scene) => scene.traceLine(-60).trimEnd() + scene.traceLine(3600),
  "a failure": () => "ERROR AADSTS7000215: no\r\n",
  NULs: () => "\0".repeat(4096),
  "bytes that are no UTF-8": () => "\xff\xc3\x28\n",
  "an empty line": () => "\n",
  "a CR alone": () => "\r",
  "a line of alpha": (scene) => `[alpha] ${scene.traceLine(3600)}`,
  "a line of alphabet": (scene) => `[alphabet] ${scene.traceLine(90)}`,
  "a line of beta": (scene) => `beta_ beta ${scene.traceLine(5000)}`,
};
const traceText = fc.array(fc.constantFrom(...Object.keys(traceParts)), { maxLength: 4 });
const traceOf = (scene: Scene, parts: readonly string[]) =>
  Buffer.from(
    parts.map((part) => (traceParts[part] as (s: Scene) => string)(scene)).join(""),
    "utf8",
  );

const recode = (path: string, encode: (text: string) => Buffer) =>
  writeFileSync(path, encode(readFileSync(path, "utf8")));
const traces: Readonly<Record<string, Change>> = {
  "is not there": ({ trace }) => rmSync(trace),
  "is empty": ({ trace }) => writeFileSync(trace, ""),
  "is a folder": ({ trace }) => asFolder(trace),
  "is a link": ({ trace, home }) => asLink(trace, home, "log"),
  "is of the month before": (scene) => renameSync(scene.trace, scene.tracePath(1)),
  "is of eleven months before": (scene) => renameSync(scene.trace, scene.tracePath(11)),
  "is of twelve months before": (scene) => renameSync(scene.trace, scene.tracePath(12)),
  "is in UTF-16": ({ trace }) => recode(trace, (text) => Buffer.from(`\uFEFF${text}`, "utf16le")),
  "is in UTF-16 of the other order": ({ trace }) =>
    recode(trace, (text) => Buffer.from(text, "utf16le").swap16()),
  "begins with NULs": ({ trace }) => recode(trace, (text) => Buffer.from(`\0\0\0${text}`)),
  "is three bytes long": ({ trace }) => writeFileSync(trace, "a\0b"),
  "goes on from the month before": (scene) => {
    renameSync(scene.trace, scene.tracePath(1));
    writeFileSync(scene.trace, "Service goes on\r\n");
  },
};
const patterns = fc.constantFrom(
  ..."Trace_YYYY_M.log Trace_YYYY_MM.log TraceYYYYMM YYYY/M.log MYYYYM YYYYYYYY Trace.log *.log T[r]ace_YYYY_M.log ../SESAR".split(
    " ",
  ),
  "Trace_YYYY_M.log ",
);

const at = "2026-01-02T03:04:05Z";
const adopted = `adopted ${KEY_ID} 1 2026-05 ${at} content ${WRITER}`;
const restored = `restored ${KEY_ID} 0 ${at}`;
const phase = (name: string) => `phase ${name} ${KEY_ID} 1 0 ${at}`;
const journalLines: Readonly<Record<string, string>> = {
  adopted: adopted,
  "adopted without a writer": adopted.split(" ").slice(0, 5).join(" "),
  "adopted by another": adopted.replace(WRITER, OTHER_WRITER),
  "adopted by another by edit": adopted.replace(`content ${WRITER}`, `edit ${OTHER_WRITER}`),
  "adopted another key": adopted.replace(KEY_ID, "another"),
  "adopted another revision": adopted.replace(" 1 2026", " 2 2026"),
  "adopted with a word more": `${adopted} x`,
  restored: restored,
  "restored twice": `${restored}\n${restored}`,
  "restored under another retry": restored.replace(" 0 ", " 1 "),
  closed: phase("closed"),
  waiting: phase("waiting"),
  "a phase that is none": phase("ready"),
  "a phase of five words": phase("closed").split(" ").slice(0, 5).join(" "),
  "double spaces": phase("closed").replaceAll(" ", "  "),
  tabs: phase("closed").replaceAll(" ", "\t"),
  "a trace": "trace 10 /nowhere/Trace.log",
  "a trace of no number": "trace x /nowhere",
  "a trace alone": "trace",
  "an empty line": "",
  junk: "junk",
  "a byte that is no UTF-8": "adopted \xff 1 e x",
};
const journalText = fc.record({
  head: fc.constantFrom(
    "keyturn-journal/1",
    "keyturn-journal/1",
    "keyturn-journal/1",
    "keyturn-journal/2",
    "",
    "keyturn-journal/1\r",
  ),
  lines: fc.array(fc.constantFrom(...Object.keys(journalLines)), { maxLength: 3 }),
  end: fc.constantFrom("\n", "\n", "\n", "", "\n\n"),
});

const withState =
  (change: Change): Change =>
  (scene) => {
    scene.makeState();
    change(scene);
  };
const inState = (name: string, text: string) =>
  withState(({ state }) => writeFileSync(join(state, name), text, { mode: 0o600 }));
const states: Readonly<Record<string, Change>> = {
  "is empty": withState(() => undefined),
  "is open to others": (scene) => scene.makeState(0o755),
  "is a file": ({ state }) => writeFileSync(state, ""),
  "is a link": ({ state, home }) => {
    mkdirSync(join(home, "elsewhere"), { mode: 0o700 });
    symlinkSync("elsewhere", state);
  },
  "has a dead owner's lock": inState("lock", "4194000-1-0\n"),
  "has an empty journal": inState("journal", ""),
  "has a journal that is a folder": withState(({ state }) => mkdirSync(join(state, "journal"))),
  "has an old staged file": inState("staged", "old"),
  "has an old backup": inState("backup", "old"),
  "has an old order": inState("order", "old"),
  "has an old mark": inState("deadman", "4194000-1-0\n"),
};

const services: Readonly<Record<string, Change>> = {
  "is stopped": (scene) => scene.option("state", "3\n"),
  "is missing": (scene) => scene.option("state", "4\n"),
  "is in no state": (scene) => scene.option("state", "1\n"),
  "began long ago": (scene) => scene.option("told", "started 1000000000\n"),
  "began in the future": (scene) => scene.option("told", "started 9999999999\n"),
  "began in words": (scene) => scene.option("told", "started yesterday\n"),
  ...Object.fromEntries(
    ["startCommand", "stopCommand", "statusCommand"].flatMap((name) =>
      ["/nowhere/absent", "keyturn-absent", "", "bin/absent", "-v"].map((program) => [
        `has "${program}" for the program of its ${name}`,
        (scene: Scene) => scene.set(name, `${program}\nsesar`),
      ]),
    ),
  ),
  "does not tell the stop": (scene) => scene.when("on-stop", 'echo 3 >"$here/state"; exit 1'),
};
/** What happens while it stops, or starts. */
const events: Readonly<Record<string, string>> = {
  "writes its file": 'printf other >"$file"',
  "touches its file": 'touch "$file"',
  "writes the trace anew": 'printf "begun\\n" >"$trace"',
  "announces a sync": 'cat "$here/sync" >>"$trace"',
  "writes NULs to the trace": 'head -c 4096 /dev/zero >>"$trace"',
  "writes a failure": 'printf "ERROR AADSTS7000215\\r\\n" >>"$trace"',
  "writes a line that is cut": 'printf "Sync next lookup at 2031" >>"$trace"',
  "closes its file to others": 'chmod 600 "$file"',
};

const cultures = fc.constantFrom(
  ..."C.UTF-8 tr_TR.UTF-8 ar_SA.UTF-8 fa_IR.UTF-8 th_TH.UTF-8 fr_CA.UTF-8 he_IL.UTF-8 POSIX".split(
    " ",
  ),
);
const zones = fc.constantFrom(
  ..."Europe/Berlin America/St_Johns Asia/Kathmandu Pacific/Kiritimati Pacific/Niue".split(" "),
);

const change = (kind: string, changes: Readonly<Record<string, Change>>) =>
  oneOf(kind, changes, (scene, one) => one(scene));

/** Every twist of the host that both twins are to take alike. */
export const hostTwists: readonly fc.Arbitrary<Twist>[] = [
  change("the file", files),
  fc.constant({ kind: "edit", words: "the file is edited", apply: edit }),
  drawn("the file is edited, with", overlaps, (scene, { before, value, after, text, tail }) => {
    edit(scene);
    for (const [name, part] of Object.entries({ before, value, after })) scene.set(name, part);
    writeFileSync(scene.file, before + text + after + tail);
  }),
  change("the trace", traces),
  drawn("the trace holds", traceText, (scene, parts) =>
    writeFileSync(scene.trace, traceOf(scene, parts)),
  ),
  drawn("the trace's pattern is", patterns, (scene, pattern) => scene.set("tracePattern", pattern)),
  drawn(
    "the instances are",
    fc.constantFrom("alpha", "alpha\nbeta", "beta\n", "[alpha]", "alphabet", "nobody", "*"),
    (scene, names) => scene.set("traceInstances", names),
  ),
  change("the state folder", states),
  drawn("the journal is", journalText, (scene, { head, lines, end }) => {
    mkdirSync(scene.state, { recursive: true, mode: 0o700 });
    const text = [head, ...lines.map((name) => journalLines[name] as string)].join("\n") + end;
    writeFileSync(join(scene.state, "journal"), Buffer.from(text, "latin1"), { mode: 0o600 });
  }),
  change("the service", services),
];

/** Twists that only an apply shows. */
export const applyTwists: readonly fc.Arbitrary<Twist>[] = [
  oneOf("while it stops, the service", events, (scene, line) => scene.when("on-stop", line)),
  oneOf("while it starts, the service", events, (scene, line) => scene.when("on-start", line)),
  fc.constant({
    kind: "re-encrypted",
    words: "the service re-encrypts its file",
    apply: (scene: Scene) => {
      scene.set("proofReencrypted", "true");
      scene.when("on-start", 'printf "ENC:" >"$file"; date +%s >/dev/null');
      utimesSync(scene.file, scene.now, scene.now);
    },
  }),
  fc.constant({
    kind: "twice",
    words: "it runs twice",
    apply: (scene: Scene) => void (scene.runs = 2),
  }),
];

/** Twists that need a process of their own. */
export const sessionTwists: readonly fc.Arbitrary<Twist>[] = [
  drawn("the culture is", cultures, (scene, name) => {
    scene.processOfItsOwn = true;
    Object.assign(scene.environment, { LANG: name, LC_ALL: name });
  }),
  drawn("the time zone is", zones, (scene, name) => {
    scene.processOfItsOwn = true;
    scene.environment["TZ"] = name;
  }),
];
