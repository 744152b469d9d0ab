// How a pipeline is told: GitHub's workflow commands, Azure Pipelines' logging commands, or plain lines.
import type { Verdict } from "./verdict";

/** Where the run happens. */
export type Pipeline = "github" | "azure" | "none";

/** Finds out where the run happens, from what the two systems set for every script. */
export function pipelineOf(environment: Readonly<Record<string, string | undefined>>): Pipeline {
  if (environment["GITHUB_ACTIONS"] === "true") return "github";
  return (environment["TF_BUILD"] ?? "").toLowerCase() === "true" ? "azure" : "none";
}

/** The lines to print for the pipeline; none when all is green. */
export function annotations(pipeline: Pipeline, verdict: Verdict, summaryPath: string): string[] {
  const text = [verdict.headline, ...verdict.todo].join(" ");
  const type = verdict.level === "red" ? "error" : "warning";
  const told = verdict.level === "green" ? [] : [text];
  switch (pipeline) {
    case "github":
      return told.map((message) => `::${type} title=Keyturn::${escapeGitHub(message)}`);
    case "azure":
      return [
        ...told.map((message) => `##vso[task.logissue type=${type}]${escapeAzure(message)}`),
        ...(verdict.level === "warning"
          ? ["##vso[task.complete result=SucceededWithIssues;]a person is waited for"]
          : []),
        `##vso[task.uploadsummary]${summaryPath}`,
      ];
    case "none":
      return told.map((message) => `${type}: ${message}`);
  }
}

/** GitHub's own escapes for the data of a workflow command. */
function escapeGitHub(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** Azure Pipelines' own escapes for the message of a logging command. */
function escapeAzure(text: string): string {
  return text.replaceAll("%", "%AZP25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
