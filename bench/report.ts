// What was measured, as Markdown for a terminal and for bench/RESULTS.md. Pure; no machine's name and no path.
import type { Measured, Series } from "./comparison";
import { ratio, spread } from "./statistics";

/** The run's surroundings, as far as they explain its numbers. */
export interface Surroundings {
  /** The words after `npm run bench`. */
  readonly command: string;
  readonly day: string;
  readonly platform: string;
  readonly node: string;
  readonly cores: number;
  readonly memoryGiB: number;
  /** What else the machine did meanwhile, in words; empty when nobody said. */
  readonly busy: string;
  readonly pairs: number;
}

export function renderReport(measured: readonly Measured[], surroundings: Surroundings): string {
  const { command, day, platform, node, cores, memoryGiB, busy, pairs } = surroundings;
  return [
    "# Measurements",
    "",
    `Made by \`npm run bench -- ${command}\` on ${day}: ${platform}, ${cores} cores, ${memoryGiB} GiB of memory, Node.js ${node};`,
    ...(busy === "" ? [] : [`${busy}.`]),
    `${pairs} pairs each, both sides in turn in one run. Milliseconds; only the ratios carry over to another machine.`,
    ...measured.flatMap((one) => ["", ...renderMeasured(one)]),
    "",
  ].join("\n");
}

/** Whether the ratio of the medians is within the target. */
export function isMet({ ours, reference, target }: Measured): boolean {
  return ratio(spread(ours.samples), spread(reference.samples)).ofMedians <= target;
}

function renderMeasured(measured: Measured): string[] {
  const { name, title, ours, reference, target } = measured;
  const { ofMedians, ofMinima } = ratio(spread(ours.samples), spread(reference.samples));
  const verdict = isMet(measured) ? "met" : "missed";
  return [
    `## ${name}: ${title}`,
    "",
    "| | minimum | median | maximum |",
    "|---|--:|--:|--:|",
    row(ours),
    row(reference),
    "",
    `Ratio of the medians ${ofMedians.toFixed(2)}, of the minima ${ofMinima.toFixed(2)}; target at most ${target.toFixed(2)}: ${verdict}.`,
    "",
    `All samples: ${list(ours)} over ${list(reference)}.`,
    "",
    measured.caveat,
  ];
}

function row({ title, samples }: Series): string {
  const { minimum, median, maximum } = spread(samples);
  return `| ${title} | ${[minimum, median, maximum].map((ms) => ms.toFixed(0)).join(" | ")} |`;
}

function list({ samples }: Series): string {
  return samples
    .toSorted((a, b) => a - b)
    .map((ms) => ms.toFixed(0))
    .join(" ");
}
