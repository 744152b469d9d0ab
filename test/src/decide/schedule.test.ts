// Tables of the calendar: month ends, leap days, labels, end dates and what is refused.
import assert from "node:assert/strict";
import {
  dayOf,
  epochNumber,
  epochOf,
  overlapUntil,
  scheduleProblems,
  validityDays,
} from "../../../src/decide/schedule";
import { config } from "./fixtures";

describe("epochOf", () => {
  const rows: [
    anchor: string,
    every: string,
    day: string,
    label: string,
    start: string,
    end: string,
  ][] = [
    ["2026-05-01", "P6M", "2026-05-01", "2026-05", "2026-05-01", "2027-05-01T00:00:00Z"],
    ["2026-05-01", "P6M", "2026-10-31", "2026-05", "2026-05-01", "2027-05-01T00:00:00Z"],
    ["2026-05-01", "P6M", "2026-11-01", "2026-11", "2026-11-01", "2027-11-01T00:00:00Z"],
    ["2026-05-01", "P6M", "2026-04-30", "2025-11", "2025-11-01", "2026-11-01T00:00:00Z"],
    ["2026-01-31", "P1M", "2026-02-27", "2026-01", "2026-01-31", "2027-01-31T00:00:00Z"],
    ["2026-01-31", "P1M", "2026-02-28", "2026-02", "2026-02-28", "2027-02-28T00:00:00Z"],
    ["2026-01-31", "P1M", "2026-03-30", "2026-02", "2026-02-28", "2027-02-28T00:00:00Z"],
    ["2026-01-31", "P1M", "2026-03-31", "2026-03", "2026-03-31", "2027-03-31T00:00:00Z"],
    ["2024-02-29", "P12M", "2025-02-28", "2025-02", "2025-02-28", "2026-02-28T00:00:00Z"],
    ["2024-02-29", "P1Y", "2028-02-29", "2028-02", "2028-02-29", "2029-02-28T00:00:00Z"],
    ["2024-02-29", "P1Y", "2028-02-28", "2027-02", "2027-02-28", "2028-02-28T00:00:00Z"],
    ["2026-05-01", "P30D", "2026-05-31", "2026-05-31", "2026-05-31", "2027-05-31T00:00:00Z"],
    ["2026-05-01", "P1W", "2026-05-07", "2026-05-01", "2026-05-01", "2027-05-01T00:00:00Z"],
    ["2026-05-01", "P1M15D", "2026-07-31", "2026-07-31", "2026-07-31", "2027-07-31T00:00:00Z"],
  ];
  for (const [anchor, every, day, label, start, endDate] of rows) {
    it(`names ${day} ${label} when every ${every} begins at ${anchor}`, () => {
      const given = { ...config, anchor, every };
      const epoch = epochOf(given, epochNumber(given, dayOf(day)));
      assert.deepEqual(epoch, { label, start, generation: 0, endDate });
    });
  }

  it("puts the generation into the label from the first on", () => {
    assert.equal(epochOf({ ...config, generation: 2 }, 0).label, "2026-05-g2");
  });

  it("reads an instant as its UTC day, whatever the zone of its text", () => {
    assert.equal(dayOf("2026-05-01T23:30:00-02:00").toISODate(), "2026-05-02");
    assert.equal(dayOf(new Date("2026-05-01T23:59:59.999Z")).toISODate(), "2026-05-01");
  });
});

describe("overlapUntil", () => {
  for (const [overlap, until] of [
    ["P14D", "2026-06-04"],
    ["P1M", "2026-06-21"],
    ["PT0S", "2026-05-20"],
    ["P0D", "2026-05-20"],
  ] as const) {
    it(`ends ${overlap} after 20 May on ${until}`, () => {
      assert.equal(overlapUntil({ ...config, overlap }, "2026-05-20").toISODate(), until);
    });
  }
});

describe("durations at month ends and leap days", () => {
  const rows: [what: string, overlap: string, from: string, until: string][] = [
    ["a month from the last of January", "P1M", "2026-01-31", "2026-03-01"],
    ["a month from the last of January in a leap year", "P1M", "2028-01-31", "2028-03-01"],
    ["a month from 30 January in a leap year", "P1M", "2028-01-30", "2028-03-01"],
    ["a month from 29 February", "P1M", "2028-02-29", "2028-03-30"],
    ["two months from the last of December", "P2M", "2026-12-31", "2027-03-01"],
    ["a month from the last of March", "P1M", "2026-03-31", "2026-05-01"],
    ["14 days over the end of February", "P14D", "2026-02-20", "2026-03-07"],
    ["14 days over 29 February", "P14D", "2028-02-20", "2028-03-06"],
    ["four weeks over the end of the year", "P4W", "2026-12-10", "2027-01-08"],
    ["a day on the day before the clocks change", "P1D", "2026-03-28", "2026-03-30"],
  ];
  for (const [what, overlap, from, until] of rows) {
    it(`holds ${what} to the whole of its last day`, () => {
      assert.equal(overlapUntil({ ...config, overlap }, from).toISODate(), until);
    });
  }

  it("begins twelve epochs of a month on the last day of each month, without drift", () => {
    const given = { ...config, anchor: "2027-08-31", every: "P1M" };
    assert.deepEqual(
      Array.from({ length: 12 }, (_, k) => epochOf(given, k).start.slice(5)),
      [
        "08-31",
        "09-30",
        "10-31",
        "11-30",
        "12-31",
        "01-31",
        "02-29",
        "03-31",
        "04-30",
        "05-31",
        "06-30",
        "07-31",
      ],
    );
  });

  it("counts the days of validity over a leap day", () => {
    assert.equal(validityDays("2027-11-01", "2028-11-01T00:00:00Z"), 366);
    assert.equal(validityDays("2026-11-01", "2027-11-01T00:00:00Z"), 365);
  });
});

describe("scheduleProblems", () => {
  it("accepts the defaults", () => {
    assert.deepEqual(scheduleProblems(config), []);
  });

  it("names every field that is not what it must be", () => {
    const wrong = {
      ...config,
      anchor: "2026-02-30",
      every: "PT1H",
      overlap: "2 weeks",
      lifetime: "-P1M",
      generation: -1,
    };
    const subjects = scheduleProblems(wrong).map((problem) => problem.subject);
    assert.deepEqual(subjects, ["anchor", "every", "overlap", "lifetime", "generation"]);
  });

  for (const [every, overlap, lifetime, subjects] of [
    ["P30D", "PT0S", "P60D", []],
    ["P30D", "P1D", "P60D", ["lifetime"]],
    ["P6M", "P14D", "P7M", ["lifetime"]],
    ["P6M", "P14D", "P8M", []],
    ["P0D", "P14D", "P12M", ["every"]],
    ["P6M", "P91D", "P12M", ["overlap"]],
    ["P6M", "P120D", "P6M", ["overlap", "lifetime"]],
  ] as const) {
    const verdict = subjects.length > 0 ? `refuses ${subjects.join(" and ")}` : "accepts";
    it(`${verdict} when every is ${every}, overlap ${overlap} and lifetime ${lifetime}`, () => {
      const found = scheduleProblems({ ...config, every, overlap, lifetime });
      assert.deepEqual(
        found.map((problem) => problem.subject),
        subjects,
      );
    });
  }
});
