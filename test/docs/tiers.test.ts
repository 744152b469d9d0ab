// Every tier of tests is run by the repository's own checks: what `npm test` leaves out has a job of its own.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

const CLONE = join(__dirname, "..", "..");
const read = (name: string): string => readFileSync(join(CLONE, name), "utf8");

const workflow = z.object({
  jobs: z.record(
    z.string(),
    z.object({ steps: z.array(z.object({ run: z.string().optional() })) }),
  ),
});

describe("the tiers of tests", () => {
  const { jobs } = workflow.parse(parse(read(".github/workflows/ci.yml")));
  const run = Object.values(jobs).flatMap(({ steps }) => steps.map((step) => step.run));

  it("are all run by the workflow: npm test, and the long lives that it leaves out", () => {
    assert(run.includes("bash .ci/run"));
    assert.match(read(".ci/run"), /bootstrap\.mjs test "\$@"$/m);
    assert(run.includes("npm run test:long"));
  });
});
