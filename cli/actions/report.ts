// keyturn report: what a stack's outputs say of its secrets and consumers, as text or JSON.
import { withProgress } from "../progress";
import type { StackOptions } from "../project/project";
import { readStack } from "../project/read-stack";
import { stackReport } from "../stack-report/model";
import { renderStackReport } from "../stack-report/text";

/** @returns the report, ready to print */
export async function report(options: StackOptions & { readonly json?: boolean }): Promise<string> {
  const { project, outputs, settings, now } = await readStack(options);
  const lastRun = await withProgress("Reading the last run", () => project.lastRun());
  const made = stackReport({ stack: project.stack, outputs, settings, now, lastRun });
  return options.json ? JSON.stringify(made, undefined, 2) : renderStackReport(made);
}
