// docs/design/evidence.md, row by row, is what the decisions come to: by whose word a machine's adoption counts, and what becomes of
// the former secret on the day on which its overlap is over. KEYTURN_WRITE_DOCS=true writes the page's table.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import type { Consumer } from "../../src/keyturn-config";
import { adoptionLevel, withLevel } from "../../src/decide/adoption-level";
import { logFindings, logQuestions } from "../../src/decide/log-findings";
import { logRemedy, logStanding } from "../../src/decide/log-state";
import { plan as decide } from "../../src/decide/plan";
import { NOT_LET_GO, STILL_USED, withholdReleases } from "../../src/decide/release-evidence";
import type { LogContents, SignIn, UnreadState } from "../../src/decide/sign-ins";
import { sesar } from "../../src/presets/sesar";
import { inClone } from "../helpers/paths";
import { config as schedule, keyId, rotated, updatedOn } from "../src/decide/fixtures";

const PAGE = inClone("docs", "design", "evidence.md");
/** The overlap of 2026-05 ends; 2026-11 was adopted by the host's word on 3 November. */
const TODAY = "2026-11-18";
const NOW = new Date(`${TODAY}T06:00:00Z`);
const SERVICE = "203.0.113.7";
const STRANGER = "203.0.113.8";

const signIn = (key: number, at: string, ipAddress = SERVICE): SignIn => ({
  at,
  keyId: keyId(key),
  ipAddress,
  requestId: "r",
  correlationId: "",
  resource: "Microsoft Graph",
  ok: true,
});
/** Our own proof's, from the runner's address. */
const proof = signIn(2, "2026-11-03T05:00:00Z", "192.0.2.1");
const whole = (...entries: SignIn[]): LogContents => ({
  entries: [proof, ...entries],
  complete: true,
});
const partly = (...entries: SignIn[]): LogContents => ({ entries, complete: false });
const unread = (state: UnreadState): LogContents => ({
  entries: undefined,
  state,
  why: `why. ${logRemedy(state)}`,
});
const used = signIn(2, "2026-11-12T10:00:00Z");
const usedLater = signIn(2, "2026-11-13T10:00:00Z");
const formerUsed = signIn(1, "2026-11-16T10:00:00Z", STRANGER);

interface Row {
  readonly log: LogContents;
  /** What the log shows, in words. */
  readonly shows: string;
  /** Of the consumer, where it has one. */
  readonly address?: string;
}

const UNREAD = ["off", "rightMissing", "licenceMissing", "throttled", "unread"] as const;
const NOTHING = "nobody but the proof";
const address = SERVICE;
const ROWS: readonly Row[] = [
  ...UNREAD.map((state) => ({ log: unread(state), shows: "–", address })),
  { log: partly(), shows: "nothing of it in the entries that were read", address },
  { log: partly(usedLater, used), shows: "it, on the new secret", address },
  {
    log: partly(formerUsed, usedLater, used),
    shows: "it, and then somebody on the former secret",
    address,
  },
  { log: whole(used), shows: "it, on the new secret; nobody on the former one", address },
  { log: whole(used, formerUsed), shows: "it, and then somebody on the former secret", address },
  {
    log: whole(formerUsed, signIn(2, "2026-11-16T12:00:00Z")),
    shows: "somebody on the former secret, and then it",
    address,
  },
  { log: whole(signIn(1, "2026-11-16T10:00:00Z")), shows: "it, on the former secret", address },
  { log: whole(), shows: NOTHING, address },
  {
    log: whole(signIn(2, "2026-11-12T10:00:00Z", STRANGER)),
    shows: "strangers on the new secret",
    address,
  },
  { log: whole(used), shows: "somebody on the new secret; nobody on the former one" },
  { log: whole(used, formerUsed), shows: "somebody on the former secret" },
  { log: whole(), shows: NOTHING },
];

const machine = (own: string | undefined): Consumer => ({
  name: "mail",
  kind: "automatic",
  retry: 0,
  connection: { host: "h", port: 22, user: "u", hostKey: "k" },
  host: sesar.host,
  ...(own !== undefined && { addresses: [own] }),
});
const outcome = updatedOn("mail", "2026-11-03");
const OVERLAP = { name: "mail", overlap: schedule.overlap };
const GLASS = { name: "mail", overlap: "PT0S" };

/** What a run of that day comes to. */
function run({ log, address: own }: Row, config: { overlap: string }, requireSignInLog: boolean) {
  const given = { ...schedule, ...config, requireSignInLog };
  const due = decide(TODAY, given, rotated);
  const consumers = [machine(own)];
  const asking = { ...given, consumers, confirmations: {}, signInLog: true };
  const asker = { last: [], sightings: [], formerUses: [], proofs: [], now: NOW };
  const findings = logFindings(logQuestions(asking, due, asker), log, asking, due, asker);
  const planned = withholdReleases(due, findings, given);
  const { level, notSeen } = withLevel(outcome, {
    evidence: findings.evidence["mail"],
    why: findings.notSeen["mail"],
  });
  // Whose addresses to give is no word on the former secret.
  const notes = findings.notes.filter((note) => !/no addresses are given/.test(note)).join("\n");
  return { level, notSeen, planned, notes, weighed: findings.formerSecrets };
}

function becomes(row: Row, config: { overlap: string }, requireSignInLog: boolean): string {
  const { planned, notes } = run(row, config, requireSignInLog);
  if (planned.releasing.length > 0) {
    return notes === "" ? "goes" : `goes, ${wordOf(notes, GOES_WITH)}`;
  }
  const kind = notes.includes(STILL_USED) ? "`stillUsed`" : "`notLetGo`";
  assert(notes.includes(NOT_LET_GO));
  return `waits, ${kind}: ${wordOf(notes, WAITS_FOR)}`;
}

/** What the notes say, in fewer words. */
const GOES_WITH: readonly (readonly [RegExp, string])[] = [
  [/is not proven by log/, '"not proven by log"'],
  [/goes without an overlap/, "and its use is named"],
];
const WAITS_FOR: readonly (readonly [RegExp, string])[] = [
  [/was used at/, "its use, named"],
  [/no sign-in of mail with the secret in use/, "mail is not seen on the secret in use"],
  [/requireSignInLog wants the proof/, "the log"],
];
function wordOf(notes: string, words: typeof WAITS_FOR): string {
  const found = words.find(([pattern]) => pattern.test(notes));
  assert(found !== undefined, notes);
  return found[1];
}

/** Why the level is still the host's, in fewer words. */
const NOT_SEEN: readonly (readonly [RegExp, string])[] = [
  [/cannot tell it from an administrator/, "no address"],
  [
    /from its addresses .* as far as it was read$/,
    "no sign-in from its address, as far as it was read",
  ],
  [/shows no sign-in with 2026-11 from its addresses/, "no sign-in from its address"],
  [/2026-05 was used at .* after it was seen/, "the former secret was used after it"],
  [/has not been silent for 24 hours/, "the former secret is not silent for 24 hours"],
  [/^signInLog is false|^why\./, "the log's state"],
];

const cells = (row: Row): string[] => {
  const { level = "", notSeen } = run(row, OVERLAP, false);
  return [
    `\`${logStanding(row.log).state}\``,
    row.shows,
    row.address === undefined ? "no" : "yes",
    `\`${level}\``,
    notSeen === undefined ? "–" : wordOf(notSeen, NOT_SEEN),
    becomes(row, OVERLAP, false),
    becomes(row, OVERLAP, true),
  ];
};
const line = (row: readonly string[]): string => `| ${row.join(" | ")} |`;
const HEAD = [
  "`signInLog`",
  "the log shows",
  "own address",
  "level",
  "`notSeen`",
  "the former secret",
  "with `requireSignInLog`",
];
const table = (): string[] => [
  line(HEAD),
  `|${"---|".repeat(HEAD.length)}`,
  ...ROWS.map((row) => line(cells(row))),
];

describe("docs/design/evidence.md", () => {
  const page = readFileSync(PAGE, "utf8");
  const written = page.split("\n").filter((one) => one.startsWith("|"));

  it("says of each level, state and setting what the decisions come to", () => {
    const rows = table();
    if (process.env["KEYTURN_WRITE_DOCS"] === "true") {
      writeFileSync(PAGE, page.replace(/\|[^]*\|\n/, `${rows.join("\n")}\n`));
      return;
    }
    assert.deepEqual(written, rows);
  });

  it("has every state of the log in which there is something to ask", () => {
    const states = new Set(ROWS.map(({ log }) => logStanding(log).state));
    assert.deepEqual([...states], [...UNREAD, "partlyRead", "read"]);
  });

  for (const row of ROWS) {
    it(`lets go with the glass broken: ${logStanding(row.log).state}, ${row.shows}`, () => {
      assert.match(becomes(row, GLASS, true), /^goes/);
    });
  }

  it("never lets go while a use is known, and never raises a level by a sign-in from elsewhere", () => {
    for (const row of ROWS) {
      const { level, weighed, planned } = run(row, OVERLAP, false);
      if (weighed.some(({ lastUse }) => lastUse !== undefined)) {
        assert.deepEqual(planned.releasing, [], row.shows);
      }
      const { entries = [] } = row.log;
      const own = entries.some(
        (one) => one.keyId === keyId(2) && one.ipAddress === row.address && one !== proof,
      );
      assert(own || level === "host", row.shows);
    }
  });

  it("calls the adoption by the level of its one consumer", () => {
    for (const row of ROWS) {
      const { level = "people" } = run(row, OVERLAP, false);
      assert.equal(adoptionLevel([{ adopted: true, kind: "automatic", level }]), level);
    }
  });
});
