// A run without its update: what it would change, under policy, and whether each host would let it begin. Changes nothing.
import { hostChecks } from "../doctor/checks";
import { Facts } from "../doctor/facts";
import { isFailing } from "../doctor/finding";
import { runChecks } from "../doctor/run-checks";
import { findingLines } from "../doctor/text";
import { withProgress } from "../progress";
import { type Project, findProject } from "../project/project";
import { EngineError } from "../stack";
import { againstRefresh } from "./refresh";
import type { RunOptions } from "./run";
import { type Verdict, verdictOf } from "./verdict";

/** What was found, ready to print, and whether a run now would fail. */
export interface DryRunResult {
  readonly text: string;
  readonly failing: boolean;
}

/** What the preview came to: the changes that a run would make, or why it would fail. */
export type Previewed =
  | { readonly changes: readonly string[]; readonly notRefreshed?: string | undefined }
  | { readonly failed: Verdict };

/** Previews a run and asks every automatic consumer's host, side by side. @throws UsageError when there is no such stack */
export async function dryRun(options: Omit<RunOptions, "out">): Promise<DryRunResult> {
  const project = await findProject(options);
  const facts = new Facts(project, options.environment);
  const [previewed, findings] = await withProgress("Previewing, and asking the hosts", () =>
    Promise.all([preview(project, options), hostChecks(facts).then((checks) => runChecks(checks))]),
  );
  return {
    text: [...previewLines(project.stackName, previewed), ...findingLines(findings)].join("\n"),
    failing: "failed" in previewed || isFailing(findings),
  };
}

/** What a person reads of a preview; a preview's reads are no changes. */
export function previewLines(stack: string, previewed: Previewed): string[] {
  if ("failed" in previewed) {
    const { headline, details, todo } = previewed.failed;
    return [headline, ...details, ...todo.map((item) => `To do: ${item}`)];
  }
  const { changes, notRefreshed } = previewed;
  const heading =
    changes.length === 0
      ? `Dry run of ${stack}: a run would change nothing.`
      : `Dry run of ${stack}: a run would make ${changes.length} changes. Nothing was changed.`;
  return [
    heading,
    ...changes.map((change) => `  ${change}`),
    ...(notRefreshed === undefined ? [] : [notRefreshed]),
  ];
}

async function preview(
  { stack, stackName }: Project,
  { policyPacks, policyPackConfigs, near, refresh }: Omit<RunOptions, "out">,
): Promise<Previewed> {
  const seen = new Set<string>();
  try {
    const notRefreshed = refresh ? againstRefresh(await stack.exportState()) : undefined;
    await stack.preview({
      policyPacks,
      policyPackConfigs,
      refresh: refresh && notRefreshed === undefined,
      onProgress: (message) => seen.add(message),
    });
    const changes = [...seen].filter((message) => !/^(read|refresh) /.test(message));
    return { changes: changes.sort(), notRefreshed };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const failure = { stage: "preview", printed: error.output } as const;
    return { failed: verdictOf({ stack: stackName, near, changes: {}, failure }) };
  }
}
