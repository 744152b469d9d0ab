// mocha's `spec`, and at its end what a budget of minutes needs: the slowest files, and every test that is left out.
// KEYTURN_FAILED_SUITES names a file for the suites with a failure, as JSON: CI runs those once more.
import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import Mocha from "mocha";
import { CLONE, inClone } from "./paths";

const {
  EVENT_HOOK_END,
  EVENT_RUN_END,
  EVENT_TEST_END,
  EVENT_TEST_FAIL,
  EVENT_TEST_PASS,
  EVENT_TEST_PENDING,
} = Mocha.Runner.constants;
const SHOWN = 10;

/** A suite on a file's uppermost floor, and how its tests ended. */
interface SuiteOutcome {
  readonly file: string;
  readonly title: string;
  milliseconds: number;
  passed: number;
  failed: number;
  skipped: number;
}

class BudgetReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const leftOut: string[] = [];
    runner.on(EVENT_TEST_PENDING, (test) => leftOut.push(test.titlePath().join(": ")));
    const suites = new Map<string, SuiteOutcome>();
    const suiteOf = (runnable: Mocha.Runnable): SuiteOutcome => {
      const { file = "" } = runnable;
      const [title = ""] = runnable.titlePath();
      const key = `${file}\n${title}`;
      const none = { file, title, milliseconds: 0, passed: 0, failed: 0, skipped: 0 };
      const suite = suites.get(key) ?? none;
      suites.set(key, suite);
      return suite;
    };
    runner.on(EVENT_TEST_PASS, (test) => (suiteOf(test).passed += 1));
    runner.on(EVENT_TEST_FAIL, (test) => (suiteOf(test).failed += 1));
    runner.on(EVENT_TEST_PENDING, (test) => (suiteOf(test).skipped += 1));
    // Parallel files give their events when they have ended, so times are summed from tests and hooks.
    for (const event of [EVENT_TEST_END, EVENT_HOOK_END]) {
      runner.on(event, (each: Mocha.Runnable) => {
        suiteOf(each).milliseconds += each.duration ?? 0;
      });
    }
    runner.once(EVENT_RUN_END, () => {
      const kept = process.env["KEYTURN_FAILED_SUITES"];
      const failed = [...suites.values()].filter((suite) => suite.failed > 0);
      if (kept !== undefined) writeFileSync(kept, JSON.stringify(failed));
      const lines = [
        ...section(
          "Left out",
          leftOut.map((title) => `    - ${title}`),
        ),
        ...section("Slowest files", slowest([...suites.values()])),
      ];
      Mocha.reporters.Base.consoleLog(lines.join("\n"));
    });
  }
}

const section = (heading: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`  ${heading}:`, ...lines, ""];

function slowest(suites: readonly SuiteOutcome[]): string[] {
  const spentIn = new Map<string, number>();
  for (const { file, milliseconds } of suites)
    spentIn.set(file, (spentIn.get(file) ?? 0) + milliseconds);
  return [...spentIn]
    .filter(([file]) => file !== "")
    .sort(([, one], [, other]) => other - one)
    .slice(0, SHOWN)
    .map(([file, spent]) => `${(spent / 1000).toFixed(1).padStart(8)} s  ${sourceOf(file)}`);
}

/** The source of a compiled file, as a person names it. */
const sourceOf = (file: string): string =>
  (file.startsWith(inClone("dist")) ? relative(inClone("dist"), file) : relative(CLONE, file))
    .replaceAll("\\", "/")
    .replace(/\.js$/, ".ts");

export = BudgetReporter;
