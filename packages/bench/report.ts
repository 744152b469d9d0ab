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

const HEAD = [
  "# Measurements",
  "",
  "Each section is made by the command that it names; with `--write` that replaces the section here and keeps the others. Milliseconds;",
  "both sides are taken in turn in one run, and only the ratios carry over to another machine.",
].join("\n");

/** The report; the sections of a former one that were not measured again are kept, as is its order. */
export function renderReport(
  measured: readonly Measured[],
  surroundings: Surroundings,
  former = "",
): string {
  const sections = new Map(
    former
      .split(/^(?=## )/m)
      .slice(1)
      .map((section) => [nameOf(section), section.trim()]),
  );
  for (const one of measured) {
    sections.set(one.name, renderMeasured(one, surroundings).join("\n"));
  }
  return `${[HEAD, ...sections.values()].join("\n\n")}\n`;
}

function nameOf(section: string): string {
  return /^## ([^:\n]*)/.exec(section)?.[1] ?? "";
}

/** Whether the ratio of the medians is within the target. */
export function isMet({ ours, reference, target }: Measured): boolean {
  return ratio(spread(ours.samples), spread(reference.samples)).ofMedians <= target;
}

function renderMeasured(measured: Measured, surroundings: Surroundings): string[] {
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
    "",
    said(surroundings),
  ];
}

function said(surroundings: Surroundings): string {
  const { command, day, platform, node, cores, memoryGiB, busy, pairs } = surroundings;
  const machine = `${platform}, ${cores} cores, ${memoryGiB} GiB of memory, Node.js ${node}`;
  return `Made by \`npm run bench -- ${command}\` on ${day}: ${pairs} pairs; ${machine}${busy === "" ? "" : `; ${busy}`}.`;
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
