// keyturn doctor: everything that can be known before a rotation, without changing anything.
import { harmlessValue } from "../../../src/foreign-text";
import { checksOf, clockCheck } from "../doctor/checks";
import { Facts } from "../doctor/facts";
import { isFailing } from "../doctor/finding";
import { runChecks } from "../doctor/run-checks";
import { renderExamination } from "../doctor/text";
import { withProgress } from "../progress";
import { type StackOptions, findProject } from "../project/project";

export interface DoctorOptions extends StackOptions {
  readonly json?: boolean | undefined;
}

/** What was found, ready to print, and whether something stands in the way of a rotation. */
export interface DoctorResult {
  readonly text: string;
  readonly failing: boolean;
}

/** Nothing is changed, on a host neither. @throws UsageError when there is no such stack */
export async function doctor(options: DoctorOptions): Promise<DoctorResult> {
  const project = await findProject(options);
  const facts = new Facts(project, process.env);
  const findings = await withProgress("Looking at runner, Entra, Azure and hosts", async () => [
    ...(await runChecks(await checksOf(facts))),
    ...(await runChecks([clockCheck(facts)])),
  ]);
  const now = await facts.now().catch(() => new Date());
  const { stackName: stack } = project;
  const day = now.toISOString().slice(0, 10);
  const found = { stack, day, findings: harmlessValue(findings) };
  return {
    text: options.json ? JSON.stringify(found, undefined, 2) : renderExamination(found),
    failing: isFailing(findings),
  };
}
