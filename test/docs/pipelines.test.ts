// pipelines/README.md and docs/design/pipelines-transcript.md against what `keyturn run` says. The transcript's rows themselves are held
// to real runs by the end-to-end tests.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CLONE } from "../helpers/paths";
import { KINDS } from "../../packages/cli/run/failure-kinds";

const read = (...path: string[]): string => readFileSync(join(CLONE, ...path), "utf8");
const cells = (line: string): string[] => line.split("|").map((cell) => cell.trim());

/** Rows of a table, each its cells by column. */
function rows(text: string, first: RegExp): string[][] {
  return text
    .split("\n")
    .filter((line) => first.test(line))
    .map((line) => cells(line).slice(1, -1));
}

describe("pipelines/README.md", () => {
  const told = rows(read("pipelines", "README.md"), /^\| `\w+` \| (green|red)/);

  it("tells every kind of end that a run can have, and no other", () => {
    assert.deepEqual(
      told.map(([kind]) => kind),
      KINDS.map((kind) => `\`${kind}\``),
    );
  });

  it("says of each red one what to do", () => {
    for (const [kind, , , todo = ""] of told.filter(([, colour]) => colour === "red"))
      assert(todo !== "" && todo !== "nothing", kind);
  });
});

describe("docs/design/pipelines-transcript.md", () => {
  const page = read("docs", "design", "pipelines-transcript.md");
  const days = rows(page, /^\| \d{4}-\d{2}-\d{2} /);

  it("goes from day to day over three epochs", () => {
    const dates = days.map(([date]) => date);
    assert.deepEqual(dates, [...dates].sort());
    for (const epoch of ["2026-11", "2027-05", "2027-11"]) assert.match(page, RegExp(epoch));
  });

  it("shows a skipped day, a failing host and a stale lock", () => {
    assert(days.some(([, run]) => run === "none"));
    const kinds = days.map(([, , kind]) => kind);
    for (const kind of ["changed", "nothingToDo", "restored", "locked"])
      assert(kinds.includes(`\`${kind}\``), kind);
    const known = KINDS.map((kind) => `\`${kind}\``);
    assert(kinds.every((kind = "") => kind === "" || known.includes(kind)));
  });

  it("says what to do wherever a run is red, and nothing where it is green", () => {
    for (const [date, run, , , todo] of days) assert.equal(todo !== "", run === "red", date);
  });
});
