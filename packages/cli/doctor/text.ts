// What the doctor found, for a person: one line a check.
import { harmless } from "../../../src/foreign-text";
import type { Finding, Level } from "./finding";

/** What was looked at, and when. */
export interface Examination {
  readonly stack: string;
  readonly day: string;
  readonly findings: readonly Finding[];
}

const LEVELS: readonly Level[] = ["fails", "warning", "not known", "ok"];
const WIDTH = Math.max(...LEVELS.map((level) => level.length));

/** @returns a heading that counts, then the lines in the order of the checks */
export function renderExamination({ stack, day, findings }: Examination): string {
  const counts = LEVELS.map(
    (level) => `${findings.filter((one) => one.level === level).length} ${level}`,
  );
  const heading = `Stack ${stack} on ${day}: ${counts.join(", ")}. Nothing was changed.`;
  return [harmless(heading), ...findingLines(findings)].join("\n");
}

/** One line for each, whatever its text holds. */
export function findingLines(findings: readonly Finding[]): string[] {
  return findings
    .map(({ level, check, says, remedy }) =>
      `${level.padEnd(WIDTH)}  ${check}: ${says} ${remedy}`.trimEnd(),
    )
    .map((line) => harmless(line.replaceAll(/\s*\n\s*/g, " ")));
}
