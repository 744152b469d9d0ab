// The script lines of the two pipelines, in order, as their systems would hand them to a shell. Whatever else is in the
// files (checkout, sign-in, installing the CLI, keeping artefacts) is the systems' own and is not run here.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { CLONE } from "../../cli/clone";

export type PipelineName = "github" | "azure";

/** One step with a script. */
export interface Script {
  readonly name: string;
  readonly text: string;
  /** Its own and its job's environment, expressions unevaluated. */
  readonly env: Readonly<Record<string, string>>;
}

/** Path of a pipeline's file. */
export function pipelineFile(name: PipelineName): string {
  return join(CLONE, "pipelines", name, "keyturn.yml");
}

interface GitHubFile {
  readonly jobs: Record<string, { env: Record<string, string>; steps: GitHubStep[] }>;
}
interface GitHubStep {
  readonly name?: string;
  readonly run?: string;
  readonly env?: Record<string, string>;
}
interface AzureStep {
  readonly displayName?: string;
  readonly script?: string;
  readonly inputs?: { readonly inlineScript?: string };
  readonly env?: Record<string, string>;
}

/** The scripts of a pipeline's one job. */
export function scriptsOf(name: PipelineName): Script[] {
  const file: unknown = parse(readFileSync(pipelineFile(name), "utf8"));
  if (name === "github") {
    const [job] = Object.values((file as GitHubFile).jobs);
    return (job?.steps ?? []).flatMap(({ name: title = "", run, env }) =>
      run === undefined ? [] : [{ name: title, text: run, env: { ...job?.env, ...env } }],
    );
  }
  return azureSteps(file).flatMap(({ displayName = "", script, inputs, env }) => {
    const text = script ?? inputs?.inlineScript;
    return text === undefined ? [] : [{ name: displayName, text, env: { ...env } }];
  });
}

/** The steps of the one job. */
export function azureSteps(file: unknown): AzureStep[] {
  const { jobs } = file as { readonly jobs: readonly { readonly steps: AzureStep[] }[] };
  return jobs.flatMap((job) => job.steps);
}
