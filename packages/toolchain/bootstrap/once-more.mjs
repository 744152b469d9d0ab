// CI's second look: the suites that failed are run once more, one after the other with nothing beside them. What fails
// again has failed; what passes is printed as unsteady, a defect of the test or of the product that is to be mended.
import process from "node:process";

/** More suites than this do not fail by chance. */
const MOST = 3;

/**
 * The counts after the second run, where KEYTURN_ONCE_MORE_UNTIL (seconds since 1970, set by CI) leaves time for it;
 * undefined where nothing is run once more. A suite counts as it ended the second time.
 */
export async function runOnceMore({ counts, suites }, run) {
  const until = Number(process.env["KEYTURN_ONCE_MORE_UNTIL"] ?? 0);
  const milliseconds = suites.reduce((sum, suite) => sum + suite.milliseconds, 0);
  if (suites.length === 0 || suites.length > MOST || Date.now() + milliseconds > until * 1000)
    return undefined;
  const total = { ...counts };
  const unsteady = [];
  for (const suite of suites) {
    process.stdout.write(`\nFailed, and run once more alone: ${suite.title}\n`);
    const title = suite.title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const again = await run([suite.file, "--grep", `^${title}`]);
    for (const key of Object.keys(total)) total[key] += again.counts[key] - suite[key];
    if (again.counts.failed === 0) unsteady.push(suite.title);
  }
  if (unsteady.length > 0) {
    process.stdout.write("\nUnsteady, failed once and passed alone:\n");
    process.stdout.write(unsteady.map((title) => `  - ${title}\n`).join(""));
  }
  return total;
}
