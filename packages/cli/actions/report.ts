// keyturn report: what a stack's outputs say of its secrets and consumers, as text or JSON, and its dates as a calendar.
import { writeFileSync } from "node:fs";
import { withProgress } from "../progress";
import type { StackOptions } from "../project/project";
import { readStack } from "../project/read-stack";
import { stackReport } from "../stack-report/model";
import { type StackReport } from "../stack-report/report";
import { renderStackReport } from "../stack-report/text";
import { UsageError } from "../usage-error";

/** What the report is asked for. */
export interface ReportOptions extends StackOptions {
  readonly json?: boolean;
  /** File for the dates as a calendar. */
  readonly calendar?: string;
}

/** @returns the report, ready to print */
export async function report(options: ReportOptions): Promise<string> {
  const { project, outputs, config, now } = await readStack(options);
  const lastRun = await withProgress("Reading the last run", () => project.stack.lastRun());
  const made = stackReport({ stack: project.stackName, outputs, config, now, lastRun });
  if (options.calendar !== undefined) await writeCalendar(options.calendar, made);
  return options.json ? JSON.stringify(made, undefined, 2) : renderStackReport(made);
}

async function writeCalendar(file: string, made: StackReport): Promise<void> {
  const { renderCalendar } = await import("../stack-report/calendar.js");
  try {
    writeFileSync(file, renderCalendar(made));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`The calendar cannot be written to ${file}: ${why}. Name another file.`);
  }
}
