// `npm run bench`: takes the measurements and says how they stand to their targets.
// A missed target is a result, not an error; --assert makes it one.
import { Argument, Command, InvalidArgumentError } from "commander";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { CLONE } from "../cli/clone";
import { type Comparison, type Measured, isOf, measure } from "./comparison";
import { openDowntime } from "./downtime";
import { openPolicy } from "./policy";
import { openPreviews } from "./previews";
import { isMet, renderReport } from "./report";

interface Options {
  readonly pairs: number;
  readonly busy: string;
  readonly write: boolean;
  readonly assert: boolean;
}

/** What was set up for measurements. */
interface Setting {
  readonly comparisons: readonly Comparison[];
  /** What cannot be measured here, and why. */
  readonly left?: string;
  close(): Promise<void>;
}

/** What has to be set up, and the measurements that it serves. */
const SETTINGS = [
  { names: ["start", "preview"], open: openPreviews },
  { names: ["downtime"], open: openDowntime },
  { names: ["policy", "rules"], open: openPolicy },
] as const;

const NAMES = SETTINGS.flatMap((setting) => setting.names);
const DEFAULT_PAIRS = 9;
const RESULTS = join(CLONE, "packages", "bench", "RESULTS.md");

async function main(chosen: readonly string[], options: Options): Promise<void> {
  const measured: Measured[] = [];
  for (const { names, open } of SETTINGS) {
    const wanted = names.filter((name) => chosen.length === 0 || chosen.includes(name));
    if (wanted.length > 0) measured.push(...(await carryOut(wanted, open, options.pairs)));
  }
  const surroundings = {
    command: [...chosen, "--pairs", options.pairs].join(" "),
    day: new Date().toISOString().slice(0, 10),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    busy: options.busy,
    pairs: options.pairs,
  };
  process.stdout.write(renderReport(measured, surroundings));
  if (options.write) {
    const former = existsSync(RESULTS) ? readFileSync(RESULTS, "utf8") : "";
    writeFileSync(RESULTS, renderReport(measured, surroundings, former));
  }
  if (options.assert && !measured.every(isMet)) process.exitCode = 1;
}

async function carryOut(
  names: readonly string[],
  open: (typeof SETTINGS)[number]["open"],
  pairs: number,
): Promise<Measured[]> {
  const dir = mkdtempSync(join(tmpdir(), "keyturn-bench-"));
  const remove = (): void => rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  process.once("exit", remove);
  try {
    say(`Setting up for ${names.join(" and ")} …\n`);
    const setting: Setting = await open(dir);
    if (setting.left !== undefined) say(`${setting.left}\n`);
    try {
      const measured: Measured[] = [];
      for (const one of setting.comparisons.filter((each) => isOf(names, each))) {
        measured.push(await measureAloud(one, pairs));
      }
      return measured;
    } finally {
      await setting.close();
    }
  } finally {
    remove();
    process.off("exit", remove);
  }
}

async function measureAloud(comparison: Comparison, pairs: number): Promise<Measured> {
  const began = Date.now();
  const measured = await measure(comparison, pairs, (done, all) => {
    // One line that counts on a terminal; in a log, a line at the end only.
    if (process.stderr.isTTY) say(`\r${comparison.name}: sample ${done} of ${all}`);
  });
  const seconds = ((Date.now() - began) / 1000).toFixed(0);
  say(`${process.stderr.isTTY ? "\r" : ""}${comparison.name}: ${pairs} pairs in ${seconds} s\n`);
  return measured;
}

function say(text: string): void {
  process.stderr.write(text);
}

function wholeFromOne(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new InvalidArgumentError("must be a whole number from 1.");
  return Number(text);
}

// The labs and services that were started end with this process.
process.once("SIGINT", () => process.exit(130)).once("SIGTERM", () => process.exit(143));

new Command("bench")
  .description("Measures Keyturn: what it takes, over what a floor of the same kind takes.")
  .addArgument(new Argument("[names...]", "what to measure; nothing = all").choices(NAMES))
  .option("--pairs <number>", "samples of each side", wholeFromOne, DEFAULT_PAIRS)
  .option("--busy <words>", "what else the machine does meanwhile, for the report", "")
  .option("--write", "write the results into bench/RESULTS.md, the other sections kept", false)
  .option("--assert", "end with exit code 1 when a target is missed", false)
  .showHelpAfterError()
  .action(main)
  .parseAsync()
  .catch((error: unknown) => {
    say(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
