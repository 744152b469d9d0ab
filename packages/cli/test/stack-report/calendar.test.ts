// The calendar of a stack: when its secrets end, with reminders, and when it rotates.
import assert from "node:assert/strict";
import { renderCalendar } from "../../stack-report/calendar";
import { stackReport } from "../../stack-report/model";
import { KEY_IDS, SETTLED, outputsOf } from "../fixtures";

const made = stackReport({
  stack: "dev",
  outputs: { ...outputsOf(SETTLED), nextRotation: "2027-05-01" },
  config: { name: "sesar", overlap: "P14D", generation: "0" },
  now: new Date("2026-11-10T23:00:00Z"),
  lastRun: undefined,
});
const lines = (report = made): string[] =>
  renderCalendar(report).replaceAll("\r\n ", "").split("\r\n");
const count = (line: string): number => lines().filter((each) => each === line).length;

describe("the calendar", () => {
  it("has a whole day for the end of each secret that somebody may hold, and for the next rotation", () => {
    assert.deepEqual(
      lines().filter((line) => /^(SUMMARY|DTSTART)/.test(line)),
      [
        "DTSTART;VALUE=DATE:20270501",
        "SUMMARY:sesar 2026-05 ends",
        "DTSTART;VALUE=DATE:20271101",
        "SUMMARY:sesar 2026-11 ends",
        "DTSTART;VALUE=DATE:20270501",
        "SUMMARY:sesar rotates",
      ],
    );
  });

  it("reminds 60, 30 and 7 days before each end", () => {
    for (const days of [60, 30, 7]) assert.equal(count(`TRIGGER:-P${days}D`), 2, String(days));
  });

  it("is the same text for the same stack and day, with identifiers that do not change", () => {
    assert.deepEqual(lines(), lines());
    assert.equal(count(`UID:${KEY_IDS.second}@dev.keyturn`), 1);
  });

  it("leaves out what is released: it is removed before it ends", () => {
    const { secrets, ...rest } = made;
    const released = secrets.map((one) => ({ ...one, standing: "released" as const }));
    assert(!lines({ ...rest, secrets: released }).some((line) => line.endsWith(" ends")));
  });
});
