// One scheduled run of a stack: preview under policy, update under policy, and what it came to, for a pipeline and for people.
// Acts by date: on most days it changes nothing and says why.
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Listr } from "listr2";
import { type StackOutputs, parseOutputs } from "../project/outputs";
import { type Project, type StackOptions, findProject } from "../project/project";
import { EngineError, type KeyturnStack, type OperationOptions } from "../stack";
import { annotations, pipelineOf } from "./annotations";
import { againstRefresh } from "./refresh";
import { type RunPolicy, policyOf } from "./policy";
import { renderSummary } from "./summary";
import { type RunFacts, type Stage, type Verdict, verdictOf } from "./verdict";

export interface RunOptions extends StackOptions {
  /** Folders of policy packs; with none, the run says so. */
  readonly policyPacks: readonly string[];
  readonly policyPackConfigs: readonly string[];
  /** Folder for the run's files: outcome.json, summary.md, preview.txt, up.txt. */
  readonly out: string;
  /** ISO-8601 duration before the end of the held secret from which waiting is red. */
  readonly near: string;
  /** Whether the engine first reads what is really there. */
  readonly refresh: boolean;
  /** The environment of this process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

interface Progress {
  /** Why the engine does not read first what is really there, though it is to. */
  notRefreshed?: string | undefined;
  project?: Project;
  stack?: KeyturnStack;
  outputs?: StackOutputs;
  changes: Readonly<Partial<Record<string, number>>>;
  failure?: { readonly stage: Stage; readonly printed: string };
  preview: string;
  up: string;
  /** How many of the pack's messages are the preview's; the update decides what that could not. */
  said: number;
}

/** @returns the process's exit code: 0 green or warning, 1 red. */
export async function scheduledRun(options: RunOptions): Promise<number> {
  const progress: Progress = { changes: {}, preview: "", up: "", said: 0 };
  await steps(options)
    .run(progress)
    .catch((error: unknown) => {
      if (progress.failure === undefined) throw error;
    });
  const facts: RunFacts = {
    stack: nameOf(options, progress),
    near: options.near,
    changes: progress.changes,
    ...(progress.outputs && { outputs: progress.outputs }),
    ...(progress.failure && { failure: progress.failure }),
    ...(progress.notRefreshed && { notRefreshed: progress.notRefreshed }),
  };
  const verdict = verdictOf(facts);
  tell(options, progress, verdict);
  return verdict.level === "red" ? 1 : 0;
}

function steps(options: RunOptions): Listr<Progress, "default" | "silent"> {
  const { policyPacks, policyPackConfigs } = options;
  const operation = ({ notRefreshed }: Progress) => ({
    policyPacks,
    policyPackConfigs,
    refresh: options.refresh && notRefreshed === undefined,
  });
  const list: readonly {
    title: string;
    stage: Stage;
    task: (p: Progress, told: Told) => Promise<void>;
  }[] = [
    {
      title: "Open the stack",
      stage: "open",
      task: async (progress) => {
        const project = await findProject(options);
        progress.project = project;
        await project.stack.open();
        progress.stack = project.stack;
        if (options.refresh)
          progress.notRefreshed = againstRefresh(await project.stack.exportState());
      },
    },
    {
      title: `Preview${policyPacks.length > 0 ? " under policy" : ", without a policy pack"}`,
      stage: "preview",
      task: async (progress, told) => {
        await opened(progress).preview({
          ...operation(progress),
          ...shown(told),
          onOutput: (text) => (progress.preview += text),
        });
      },
    },
    {
      title: `Update${policyPacks.length > 0 ? " under policy" : ""}`,
      stage: "up",
      task: async (progress, told) => {
        progress.said = opened(progress).policyMessages.length;
        progress.changes = await opened(progress).up({
          ...operation(progress),
          ...shown(told),
          onOutput: (text) => (progress.up += text),
        });
      },
    },
    {
      title: "Read what it came to",
      stage: "outputs",
      task: async (progress) => {
        const { project } = progress;
        if (project !== undefined) {
          progress.outputs = parseOutputs(project.stackName, await project.stack.outputs());
        }
      },
    },
  ];
  return new Listr<Progress, "default" | "silent">(
    list.map(({ title, stage, task }) => ({
      title,
      task: async (progress, told) => {
        await task(progress, told as Told).catch((error: unknown) => {
          progress.failure = { stage, printed: printedBy(error) };
          throw new Error("see below");
        });
      },
    })),
    { fallbackRendererOptions: {}, rendererOptions: { collapseErrors: false } },
  );
}

interface Told {
  output: string;
}

function shown(told: Told): Pick<OperationOptions, "onProgress"> {
  return { onProgress: (message) => (told.output = message) };
}

function nameOf(options: RunOptions, { project }: Progress): string {
  return project?.stackName ?? options.stack ?? "the selected stack";
}

function opened({ stack }: Progress): KeyturnStack {
  if (stack === undefined) throw new Error("The stack is not open. Report this defect.");
  return stack;
}

function printedBy(error: unknown): string {
  if (error instanceof EngineError) return error.output;
  return error instanceof Error ? error.message : String(error);
}

/** Of the update where there was one, else of the preview. */
function policyIn({ policyPacks }: RunOptions, { stack, said }: Progress): RunPolicy | undefined {
  return policyPacks.length === 0 ? undefined : policyOf(stack?.policyMessages.slice(said) ?? []);
}

function tell(options: RunOptions, progress: Progress, verdict: Verdict): void {
  const { environment } = options;
  const stack = nameOf(options, progress);
  const out = resolve(options.out);
  mkdirSync(out, { recursive: true });
  const summaryPath = join(out, "summary.md");
  const policy = policyIn(options, progress);
  const { outputs, changes } = progress;
  const summary = renderSummary(stack, verdict, { outputs, changes, policy });
  const { nextRotation, daysLeft, consumers } = outputs ?? {};
  const outcome = {
    stack,
    ...verdict,
    changes,
    nextRotation,
    daysLeft,
    consumers,
    policy,
  };
  writeFileSync(join(out, "outcome.json"), `${JSON.stringify(outcome, undefined, 2)}\n`);
  writeFileSync(summaryPath, summary);
  writeFileSync(join(out, "preview.txt"), progress.preview);
  writeFileSync(join(out, "up.txt"), progress.up);
  const pipeline = pipelineOf(environment);
  const page = environment["GITHUB_STEP_SUMMARY"];
  if (pipeline === "github" && page !== undefined) appendFileSync(page, summary);
  const lines = [
    verdict.headline,
    ...verdict.details,
    ...verdict.todo.map((item) => `To do: ${item}`),
  ];
  process.stdout.write(`\n${lines.join("\n")}\n`);
  for (const line of annotations(pipeline, verdict, summaryPath)) process.stdout.write(`${line}\n`);
}
