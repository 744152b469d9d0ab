// The words and tables in which measurements are told.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isMet, renderReport } from "../report";
import { CLONE } from "../../../test/helpers/paths";

const measured = (ours: readonly number[], target: number) => ({
  name: "downtime",
  title: "the service not answering",
  target,
  caveat: "No product was measured.",
  ours: { title: "update.sh", samples: ours },
  reference: { title: "stop and start", samples: [100, 90, 110] },
});
const surroundings = {
  command: "downtime --pairs 3",
  day: "2026-05-04",
  platform: "linux x64",
  node: "24.0.0",
  cores: 2,
  pairs: 3,
  memoryGiB: 8,
  busy: "",
};

describe("renderReport", () => {
  const report = renderReport([measured([130, 120, 110], 1.15)], surroundings);

  it("shows the spread of each side, in whole milliseconds", () => {
    assert.match(report, /^\| update\.sh \| 110 \| 120 \| 130 \|$/m);
    assert.match(report, /^\| stop and start \| 90 \| 100 \| 110 \|$/m);
  });

  it("shows both ratios and the target that the medians' missed", () => {
    assert.match(report, /medians 1\.20, of the minima 1\.22; target at most 1\.15: missed\./);
  });

  it("says that a target was met", () => {
    assert.match(renderReport([measured([110], 1.15)], surroundings), /at most 1\.15: met\./);
  });

  it("lists every sample, smallest first", () => {
    assert.match(report, /All samples: 110 120 130 over 90 100 110\./);
  });

  it("says which command made it, and what the numbers do not say", () => {
    assert.match(report, /^Made by `npm run bench -- downtime --pairs 3` on/m);
    assert.match(report, /^No product was measured\.$/m);
  });

  it("says of each measurement's surroundings what explains the numbers", () => {
    assert.match(
      report,
      /on 2026-05-04: 3 pairs; linux x64, 2 cores, 8 GiB of memory, Node\.js 24\.0\.0\.$/m,
    );
    const busy = renderReport([measured([110], 1.15)], { ...surroundings, busy: "others built" });
    assert.match(busy, /Node\.js 24\.0\.0; others built\.$/m);
  });

  it("replaces what was measured again, and keeps the former report's other sections", () => {
    const preview = { ...measured([150], 1.5), name: "preview" };
    const former = renderReport([measured([130], 1.15), preview], surroundings);
    const again = renderReport([measured([110], 1.15)], surroundings, former);
    assert.deepEqual(again.match(/^## .*/gm), former.match(/^## .*/gm));
    assert.match(again, /\| update\.sh \| 110 \| 110 \| 110 \|[^]*\| update\.sh \| 150 \|/);
    assert(!again.includes("| 130 |"));
    assert.equal(renderReport([], surroundings, again), again);
  });

  it("has written bench/RESULTS.md, one section for each measurement that was taken", () => {
    const results = readFileSync(join(CLONE, "packages", "bench", "RESULTS.md"), "utf8");
    assert.equal(renderReport([], surroundings, results), results);
    const names = [...results.matchAll(/^## ([^:\n]+): /gm)].map(([, name]) => name);
    const taken = ["downtime", "downtime of update.ps1", "policy", "rules"];
    assert.deepEqual(
      taken.filter((name) => !names.includes(name)),
      [],
    );
    assert.equal(results.match(/^Made by `npm run bench -- /gm)?.length, names.length);
  });
});

describe("isMet", () => {
  it("holds the ratio of the medians to the target, that value included", () => {
    assert.equal(isMet(measured([10, 150, 900], 1.5)), true);
    assert.equal(isMet(measured([10, 151, 900], 1.5)), false);
  });
});
