// What is known of a former secret's use, as tables: this run's reading of the log beside what earlier runs have recorded.
import assert from "node:assert/strict";
import type { FormerSecret, RecordedUse } from "../../../src/decide/former-secrets";
import {
  formerSecrets,
  notProvenByLog,
  recordedUses,
  silentUntil,
  weigh,
} from "../../../src/decide/former-secrets";
import { plan as decide } from "../../../src/decide/plan";
import { releaseBlockedBy } from "../../../src/decide/release-evidence";
import type { LogContents, SignIn } from "../../../src/decide/sign-ins";
import { config as schedule, firstAdopted, keyId, rotated } from "./fixtures";

const secret = { label: "2026-05", keyId: keyId(1), adoptedOn: "2026-11-03" };
const used = (at: string): SignIn => ({
  at,
  keyId: keyId(1),
  ipAddress: "::ffff:203.0.113.7",
  requestId: "r1",
  correlationId: "",
  resource: "Microsoft Graph",
  ok: true,
});
const log = (...entries: SignIn[]): LogContents => ({ entries, complete: true });
const unread: LogContents = { entries: undefined, why: "Graph answers 403" };
const on = (day: string): Date => new Date(`${day}T06:00:00Z`);
const weighed = (day: string, contents: LogContents, overlap = "P14D", ...earlier: RecordedUse[]) =>
  weigh(secret, earlier, overlap, contents, on(day));
const USE = "2026-11-05T10:00:00Z";
const config = { name: "sesar", overlap: "P14D", requireSignInLog: false };

describe("weigh", () => {
  it("records that nobody used it since the day after the adoption, and so that its overlap is proven", () => {
    assert.deepEqual(weighed("2026-11-18", log()), {
      ...secret,
      unusedSince: "2026-11-04",
      readOn: "2026-11-18",
      provenByLog: true,
    });
  });

  it("records its latest use: time, address, resource and Entra's own id", () => {
    const { lastUse, unusedSince } = weighed(
      "2026-11-18",
      log(used(USE), used("2026-11-04T00:00:00Z")),
    );
    assert.deepEqual(lastUse, {
      at: USE,
      address: "203.0.113.7",
      resource: "Microsoft Graph",
      requestId: "r1",
    });
    assert.equal(unusedSince, USE);
  });

  const seen = weighed("2026-11-06", log(used(USE)));
  const later: [what: string, day: string, contents: LogContents, blocked: boolean][] = [
    ["the log cannot be read any more", "2026-11-18", unread, true],
    ["the log is read in part", "2026-11-18", { entries: [], complete: false }, true],
    ["the log has forgotten it early", "2026-11-18", log(), true],
    ["the day before the silence is long enough", "2026-12-05", log(), true],
    ["the silence is long enough", "2026-12-06", log(), false],
  ];
  for (const [what, day, contents, blocked] of later) {
    it(`${blocked ? "holds a use that a run has seen against it" : "lets it go"} when ${what}`, () => {
      const former = weighed(day, contents, "P14D", seen);
      assert.deepEqual(former.lastUse, seen.lastUse);
      assert.equal(releaseBlockedBy(former, config, on(day)) !== undefined, blocked);
      assert.equal(silentUntil({ at: USE }, "P14D"), "2026-12-06");
    });
  }

  it("lets a later use count, whichever run has seen it", () => {
    const again = weighed("2026-11-18", log(used("2026-11-17T10:00:00Z")), "P14D", seen);
    assert.equal(again.lastUse?.at, "2026-11-17T10:00:00Z");
    const older = weighed("2026-11-18", log(used("2026-11-04T10:00:00Z")), "P14D", seen);
    assert.equal(older.lastUse?.at, USE);
  });

  it("takes nothing over that was recorded of another secret", () => {
    const other = { ...seen, keyId: keyId(7) };
    assert.equal(weighed("2026-11-18", log(), "P14D", other).lastUse, undefined);
  });

  it("says of an overlap that is longer than the log remembers what is known of it", () => {
    const first = weighed("2027-01-02", log(), "P60D");
    assert.deepEqual([first.unusedSince, first.provenByLog], ["2026-12-04", false]);
    assert.match(String(first.why), /tells of no silence before 2026-12-04/);
    const whole = weighed("2027-02-03", log(), "P60D", { ...first, readOn: "2027-01-20" });
    assert.deepEqual([whole.unusedSince, whole.provenByLog], ["2026-12-04", true]);
  });

  it("knows of no silence across a gap between two readings", () => {
    const recorded: RecordedUse = {
      label: "2026-05",
      keyId: keyId(1),
      unusedSince: "2026-11-04",
      readOn: "2026-11-10",
    };
    const gap = weighed("2026-12-15", log(), "P60D", recorded);
    assert.equal(gap.unusedSince, "2026-11-16");
    const kept = weighed("2026-12-05", log(), "P60D", recorded);
    assert.equal(kept.unusedSince, "2026-11-04");
  });

  it("calls nothing silent that was read in part", () => {
    const part = weighed("2026-11-18", { entries: [], complete: false });
    assert.deepEqual(
      [part.unusedSince, part.readOn, part.provenByLog],
      [undefined, undefined, false],
    );
  });

  it("keeps what is known of the silence while the log cannot be read, and calls nothing proven", () => {
    const silent = weighed("2026-11-10", log());
    const blind = weighed("2026-11-18", unread, "P14D", silent);
    assert.deepEqual([blind.unusedSince, blind.readOn], ["2026-11-04", "2026-11-10"]);
    assert.deepEqual([blind.provenByLog, blind.why], [false, "Graph answers 403"]);
  });
});

describe("recordedUses", () => {
  it("reads back what a run has written", () => {
    const written: FormerSecret = weighed("2026-11-06", log(used(USE)));
    const [read] = recordedUses(JSON.parse(JSON.stringify([written])));
    assert.deepEqual(
      [read?.lastUse, read?.unusedSince, read?.readOn],
      [written.lastUse, USE, "2026-11-06"],
    );
  });

  it("finds nothing in what an earlier release wrote, or in another shape", () => {
    assert.deepEqual(recordedUses(undefined), []);
    assert.deepEqual(recordedUses([{ label: "2026-05", keyId: 7 }, "x"]), []);
    const lastUse = { at: "yesterday", address: "", resource: "", requestId: "" };
    assert.deepEqual(recordedUses([{ label: "2026-05", keyId: keyId(1), lastUse }]), []);
  });
});

describe("formerSecrets", () => {
  it("are none before a successor was adopted", () => {
    assert.deepEqual(formerSecrets(decide("2026-06-01", schedule, firstAdopted)), []);
    assert.deepEqual(formerSecrets(decide("2026-05-20", schedule, undefined)), []);
  });

  it("are those whose overlap runs, too", () => {
    assert.deepEqual(formerSecrets(decide("2026-11-10", schedule, rotated)), [secret]);
  });

  it("keep the day of the adoption that an earlier run recorded, where the history has none", () => {
    const released = [{ label: "2026-05", endDate: "2027-05-01T00:00:00Z", keyId: keyId(1) }];
    const history = { ...rotated, retiring: [], released };
    const removing = decide("2026-11-19", schedule, history, released);
    const said = (adoptedOn: string) => formerSecrets(removing, [{ ...secret, adoptedOn }]);
    assert.equal(said("2026-10-01")[0]?.adoptedOn, "2026-10-01");
    assert.equal(said("2026-11-10")[0]?.adoptedOn, "2026-11-03");
  });

  it("are no longer those that somebody removed in the portal", () => {
    const active = [{ label: "2026-11", endDate: "2027-11-01T00:00:00Z", keyId: keyId(2) }];
    assert.deepEqual(formerSecrets(decide("2026-11-10", schedule, rotated, active)), []);
  });
});

describe("notProvenByLog", () => {
  it("names what is let go in this run or the next without the log's word", () => {
    const former = [
      { label: "stays", provenByLog: false },
      { label: "releasing", provenByLog: false },
      { label: "released", provenByLog: false },
      { label: "proven", provenByLog: true },
    ];
    const plan = { releasing: ["releasing", "proven"], released: ["released"] };
    assert.deepEqual(notProvenByLog(former, plan), ["releasing", "released"]);
  });
});

describe("weigh, where the log was read in part and the report of credentials was asked", () => {
  const partly = (at: string, ...entries: SignIn[]): LogContents => ({
    entries,
    complete: false,
    activity: { uses: [{ keyId: keyId(1).toUpperCase(), at, requestId: "r9" }] },
  });

  it("holds the release back by the time that the report tells, from an address that it does not", () => {
    const former = weighed("2026-11-18", partly(USE));
    assert.deepEqual(former.lastUse, { at: USE, address: "", resource: "", requestId: "r9" });
    assert.match(
      String(releaseBlockedBy(former, config, on("2026-11-18"))),
      /^2026-05 was used at 2026-11-05T10:00Z from an unknown address, after its successor/,
    );
  });

  it("takes the log's own entry of the same use, which has the address", () => {
    assert.equal(weighed("2026-11-18", partly(USE, used(USE))).lastUse?.address, "203.0.113.7");
  });

  it("proves nothing by a last use before the adoption", () => {
    const former = weighed("2026-11-18", partly("2026-11-01T10:00:00Z"));
    assert.deepEqual([former.lastUse, former.provenByLog], [undefined, false]);
  });

  it("leaves another secret's use alone", () => {
    const uses = [{ keyId: keyId(2), at: USE, requestId: "" }];
    const log: LogContents = { entries: [], complete: false, activity: { uses } };
    assert.equal(weighed("2026-11-18", log).lastUse, undefined);
  });
});
