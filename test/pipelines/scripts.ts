// The script lines of the two pipelines, in order, as their systems would hand them to a shell. Whatever else is in the
// files (checkout, sign-in, carrying and keeping artefacts) is the systems' own and is not run here.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { CLONE } from "../helpers/paths";

export type PipelineName = "github" | "azure";

/** Without an identity, and with it. */
export type JobName = "build" | "rotate";

/** One step with a script. */
export interface Script {
  readonly job: JobName;
  readonly name: string;
  readonly text: string;
  /** Its own and its job's environment, expressions unevaluated. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether it runs after a failure too. */
  readonly always: boolean;
}

/** Paths of a pipeline's files: what the system starts, then what that uses. */
export function pipelineFiles(name: PipelineName): string[] {
  const files = name === "github" ? ["keyturn.yml"] : ["keyturn.yml", "rotate.yml"];
  return files.map((file) => join(CLONE, "pipelines", name, file));
}

export interface GitHubJob {
  readonly env?: Record<string, string>;
  readonly environment?: string;
  readonly permissions?: Record<string, string>;
  readonly steps: readonly GitHubStep[];
}
export interface GitHubStep {
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Record<string, string>;
  readonly env?: Record<string, string>;
}
export interface AzureStep {
  readonly displayName?: string;
  readonly condition?: string;
  readonly script?: string;
  readonly task?: string;
  readonly inputs?: Record<string, string>;
  readonly env?: Record<string, string>;
}

/** The scripts of a pipeline's two jobs. */
export function scriptsOf(name: PipelineName): Script[] {
  const jobs: readonly JobName[] = ["build", "rotate"];
  if (name === "azure") {
    return jobs.flatMap((job) =>
      azureSteps(job).flatMap(({ displayName: title = "", condition, script, inputs, env }) => {
        const text = script ?? inputs?.["inlineScript"];
        const always = condition === "always()";
        return text === undefined ? [] : [{ job, name: title, text, env: { ...env }, always }];
      }),
    );
  }
  return jobs.flatMap((job) => {
    const { env: shared, steps } = gitHubJobs()[job];
    return steps.flatMap(({ name: title = "", if: condition, run: text, env: own }) => {
      const env = { ...shared, ...own };
      const always = condition === "always()";
      return text === undefined ? [] : [{ job, name: title, text, env, always }];
    });
  });
}

/** The jobs of the GitHub file. */
export function gitHubJobs(): Record<JobName, GitHubJob> {
  return (parsed("github", 0) as { jobs: Record<JobName, GitHubJob> }).jobs;
}

/** The steps of a job on Azure Pipelines. */
export function azureSteps(job: JobName): readonly AzureStep[] {
  if (job === "build") {
    const { stages } = parsed("azure", 0) as {
      stages: readonly { jobs: readonly { steps: readonly AzureStep[] }[] }[];
    };
    return stages[0]?.jobs[0]?.steps ?? [];
  }
  const { jobs } = parsed("azure", 1) as {
    jobs: readonly { strategy: { runOnce: { deploy: { steps: readonly AzureStep[] } } } }[];
  };
  return jobs[0]?.strategy.runOnce.deploy.steps ?? [];
}

function parsed(name: PipelineName, nth: number): unknown {
  return parse(readFileSync(pipelineFiles(name)[nth] ?? "", "utf8"));
}
