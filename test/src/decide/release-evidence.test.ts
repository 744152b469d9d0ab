// Tables of what the sign-in log holds against a release: a use since the adoption, a log that cannot say, break glass.
import assert from "node:assert/strict";
import type { History } from "../../../src/decide/history";
import { plan as decide } from "../../../src/decide/plan";
import { recordRun } from "../../../src/decide/record";
import type { FormerSecret, OutgoingSecret } from "../../../src/decide/former-secrets";
import { formerSecrets, weigh } from "../../../src/decide/former-secrets";
import type { ReleaseConfig } from "../../../src/decide/release-evidence";
import {
  STILL_USED,
  releaseBlockedBy,
  releaseEvidence,
  withholdReleases,
} from "../../../src/decide/release-evidence";
import type { LogContents, SignIn } from "../../../src/decide/sign-ins";
import { config as schedule, keyId, rotated } from "./fixtures";

const config: ReleaseConfig = { name: "sesar", overlap: "P14D", requireSignInLog: false };
const strict = { ...config, requireSignInLog: true };
const glass = { ...strict, overlap: "PT0S" };
const NOW = new Date("2026-11-18T06:00:00Z");
const outgoing: OutgoingSecret = { label: "2026-05", keyId: keyId(1), adoptedOn: "2026-11-03" };
const use = (over: Partial<SignIn> = {}): SignIn => ({
  at: "2026-11-09T10:00:00Z",
  keyId: keyId(1),
  ipAddress: "203.0.113.7",
  requestId: "",
  correlationId: "",
  resource: "Microsoft Graph",
  ok: true,
  ...over,
});
const log = (...entries: SignIn[]) => ({ entries, complete: true });
const weighed = (given: ReleaseConfig, contents: LogContents, now = NOW): FormerSecret =>
  weigh(outgoing, [], given.overlap, contents, now);
const unread: LogContents = { entries: undefined, why: "Graph answers 403" };

describe("releaseBlockedBy", () => {
  const USED =
    /2026-05 was used at 2026-11-09T10:00Z from 203\.0\.113\.7 for Microsoft Graph, after .* on 2026-11-03/;
  const rows: [
    what: string,
    log: LogContents,
    config: ReleaseConfig,
    now: Date,
    why: RegExp | undefined,
  ][] = [
    ["a log in which nobody uses it", log(), strict, NOW, undefined],
    ["a use since the adoption", log(use()), config, NOW, USED],
    [
      "a use in a log of which more was not read",
      { ...log(use()), complete: false },
      config,
      NOW,
      USED,
    ],
    ["a use without success", log(use({ ok: false })), strict, NOW, undefined],
    ["a use of another secret", log(use({ keyId: keyId(2) })), strict, NOW, undefined],
    [
      "a use on the day of the adoption",
      log(use({ at: "2026-11-03T23:59:59Z" })),
      strict,
      NOW,
      undefined,
    ],
    [
      "a use on the day after",
      log(use({ at: "2026-11-04T00:00:00Z" })),
      config,
      NOW,
      /2026-11-04T00:00Z/,
    ],
    ["a log that cannot be read", unread, config, NOW, undefined],
    ["a log that cannot be read but is required", unread, strict, NOW, /Graph answers 403/],
    [
      "a required log of which more was not read",
      { ...log(), complete: false },
      strict,
      NOW,
      /more entries/,
    ],
    [
      "a required log on the very day of the adoption",
      log(),
      strict,
      new Date("2026-11-03T20:00:00Z"),
      /from tomorrow on/,
    ],
    ["a use of what has leaked, the glass broken", log(use()), glass, NOW, undefined],
    ["a log that cannot be read, the glass broken", unread, glass, NOW, undefined],
  ];
  for (const [what, contents, given, now, why] of rows) {
    it(`${why ? "blocks" : "lets go"} on ${what}`, () => {
      const blocked = releaseBlockedBy(weighed(given, contents, now), given, now);
      if (why === undefined) assert.equal(blocked, undefined);
      else assert.match(String(blocked), why);
    });
  }
});

describe("releaseBlockedBy of a machine that the log does not show on the secret in use", () => {
  const blocked = (given: ReleaseConfig, contents: LogContents, unseen = ["mail"]) =>
    releaseBlockedBy(weighed(given, contents), given, NOW, unseen);

  it("blocks a release of which the former secret's silence says nothing", () => {
    assert.match(String(blocked(config, log())), /no sign-in of mail with the secret in use/);
    assert.equal(blocked(config, log(), []), undefined);
  });

  it("names a use first, and a log that is required and cannot be read", () => {
    assert.match(String(blocked(config, log(use()))), /2026-05 was used/);
    assert.match(String(blocked(strict, unread)), /Graph answers 403/);
  });

  it("lets go with the glass broken", () => {
    assert.equal(blocked(glass, log()), undefined);
  });
});

describe("releaseEvidence", () => {
  const said = (
    given: ReleaseConfig,
    contents: LogContents,
    now = NOW,
    leaving = { releasing: ["2026-05"], released: [] as string[] },
  ): string =>
    releaseEvidence([weighed(given, contents, now)], leaving, given, now).notes.join("\n");

  it("says nothing where the log shows that nobody uses the secret", () => {
    assert.equal(said(config, log()), "");
  });

  it("says that a release is not proven by log, and why", () => {
    assert.match(
      said(config, unread),
      /release of 2026-05 is not proven by log: Graph answers 403/,
    );
  });

  it("names who holds up a release", () => {
    assert.match(said(config, log(use())), /2026-05 is not let go: .*203\.0\.113\.7.*Find out who/);
    assert.match(said(strict, unread), /2026-05 is not let go: Graph .*requireSignInLog/);
  });

  it("says when it goes at the earliest, if nobody uses it again", () => {
    assert.match(said(config, log(use())), /2026-05 is let go on 2026-12-10 at the earliest/);
    const long = { ...config, overlap: "P60D" };
    assert.match(said(long, log(use())), /let go on 2027-01-09 at the earliest/);
  });

  it("tells a use of these days from one that is over", () => {
    const on = (day: string): string => said(config, log(use({ at: `${day}T10:00:00Z` })));
    assert(on("2026-11-11").includes(STILL_USED));
    assert(!on("2026-11-10").includes(STILL_USED));
  });

  it("names who uses a former secret while its overlap runs, and holds nothing back then", () => {
    const early = new Date("2026-11-10T06:00:00Z");
    const staying = { releasing: [], released: [] };
    assert.match(
      said(config, log(use()), early, staying),
      /^sesar: 2026-05 was used at .* for Microsoft Graph.*Find out who/,
    );
    assert.equal(said(config, log(), early, staying), "");
    assert.equal(said(config, unread, early, staying), "");
    const former = [weighed(config, log(use()), early)];
    assert.deepEqual(releaseEvidence(former, staying, config, early).withheld, {});
  });

  it("says which machine the log does not show, and what to look at", () => {
    const former = [weighed(config, log())];
    const leaving = { releasing: ["2026-05"], released: [] };
    const { notes, withheld } = releaseEvidence(former, leaving, config, NOW, ["mail"]);
    assert.match(notes.join("\n"), /2026-05 is not let go: .* no sign-in of mail .*its trace/);
    assert.deepEqual(Object.keys(withheld), ["2026-05"]);
  });

  it("names who used what goes with the glass broken", () => {
    assert.match(said(glass, log(use())), /2026-05 goes without an overlap: .*203\.0\.113\.7/);
  });
});

describe("withholdReleases", () => {
  const due = decide("2026-11-18", schedule, rotated);
  const held = withholdReleases(
    due,
    { withheld: { "2026-05": "used" }, askHosts: false },
    schedule,
  );

  it("leaves a plan alone that nothing is held against", () => {
    assert.deepEqual(formerSecrets(due), [outgoing]);
    assert.equal(withholdReleases(due, { withheld: {}, askHosts: false }, schedule), due);
  });

  it("goes on protecting a secret whose time has come, and says why", () => {
    assert.deepEqual(
      held.passwords.map(({ label, role, protect }) => [label, role, protect]),
      [
        ["2026-05", "retiring", true],
        ["2026-11", "target", true],
      ],
    );
    assert.equal(held.reason, "sesar: 164 days until rotation; 2026-05 is not let go: used");
  });

  it("is recorded as retiring on, so that the next run asks again", () => {
    const keyIds = { "2026-05": keyId(1), "2026-11": keyId(2) };
    const consumer = { name: "a", kind: "automatic", outcome: "updated", adopted: true } as const;
    const { history } = recordRun(held, keyIds, [{ ...consumer, keyId: keyId(2) }]);
    assert.deepEqual([history.retiring, history.released], [rotated.retiring, []]);
  });

  it("lets a released secret retire again instead of having it removed", () => {
    const released = { label: "2026-05", endDate: "2027-05-01T00:00:00Z", keyId: keyId(1) };
    const history = { ...rotated, retiring: [], released: [released] };
    const removing = decide("2026-11-19", schedule, history, [released]);
    assert.deepEqual(formerSecrets(removing), [outgoing]);
    const kept = withholdReleases(
      removing,
      { withheld: { "2026-05": "used" }, askHosts: false },
      schedule,
    );
    const back = kept.passwords.find(({ label }) => label === "2026-05");
    assert.deepEqual([back?.role, back?.protect], ["retiring", true]);
    assert.deepEqual([kept.released, kept.releasing], [[], []]);
    assert.deepEqual(
      kept.history?.retiring.map(({ label, successorAdoptedOn }) => [label, successorAdoptedOn]),
      [["2026-05", "2026-11-03"]],
    );
  });

  it("asks every host again while somebody uses the secret: it may be one that was put back", () => {
    const asking = withholdReleases(
      due,
      { withheld: { "2026-05": "used" }, askHosts: true },
      schedule,
    );
    assert.equal(asking.attempt, due.attempt);
    const active = { ...rotated.active, attempt: due.attempt } as History["active"];
    const again = decide("2026-11-18", schedule, { ...rotated, active });
    assert.notEqual(again.attempt, due.attempt);
    const evidence = { withheld: { "2026-05": "used" }, askHosts: true };
    assert.equal(withholdReleases(again, evidence, schedule).attempt, due.attempt);
    const asks = (day: string): boolean => {
      const former = [weighed(config, log(use({ at: `${day}T10:00:00Z` })))];
      return releaseEvidence(former, due, config, NOW).askHosts;
    };
    assert.deepEqual([asks("2026-11-11"), asks("2026-11-10")], [true, false]);
  });

  it("asks no host again for a secret that stays", () => {
    assert.match(due.attempt, /\+asked-/);
    assert.equal(held.attempt, rotated.active?.attempt);
  });
});
