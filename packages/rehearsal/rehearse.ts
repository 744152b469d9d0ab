// `npm start`: a lab, a first deployment, one rotation an epoch later, a run with nothing to do, and the report.
// It fails when a promise is broken, and says which.
import { Listr } from "listr2";
import { z } from "zod";
import type { CloudChoice } from "../lab/cloud/endpoints";
import { exportLines } from "./environment";
import { markKept, stopKeptLab } from "./lab-commands";
import { Rehearsal } from "./rehearsal";
import { enginePath } from "./engine-path";
import { type ServiceMark, markService, rehearsalFacts, rotationFacts } from "./rehearsal-facts";
import { type RotationFacts, brokenPromises, renderReport } from "./rehearsal-report";
import type { OperationOptions } from "../cli/stack";

export interface RehearseOptions {
  readonly plugins: "lab" | "vendor";
  /** By whose names the cloud is known. */
  readonly cloud: CloudChoice;
  readonly keep: boolean;
  readonly portBase: number;
}

interface Run {
  rehearsal?: Rehearsal;
  /** Why a step failed; told once, at the end, and not in the progress too. */
  failure?: Error;
  readonly rotations: RotationFacts[];
}

/** @returns the process's exit code. */
export async function rehearse(options: RehearseOptions): Promise<number> {
  const run: Run = { rotations: [] };
  const end = async (): Promise<void> => {
    const { rehearsal } = run;
    delete run.rehearsal;
    await rehearsal?.stop();
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    process.stderr.write(`\nkeyturn: ended by ${signal}; taking the lab down.\n`);
    void end().finally(() => process.exit(signal === "SIGINT" ? 130 : 143));
  };
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  try {
    await steps(options)
      .run(run)
      .catch((error: unknown) => {
        throw run.failure ?? error;
      });
    const { rehearsal } = run;
    if (rehearsal === undefined) throw new Error("the lab did not start");
    const facts = await rehearsalFacts(rehearsal, run.rotations);
    process.stdout.write(`\n${renderReport(facts)}\n`);
    const broken = brokenPromises(facts);
    for (const promise of broken) process.stderr.write(`keyturn: broken promise: ${promise}\n`);
    if (options.keep) {
      markKept(rehearsal.lab.labDir);
      rehearsal.lab.keep();
      delete run.rehearsal;
      process.stdout.write(`\n${kept(rehearsal)}\n`);
    }
    return broken.length === 0 ? 0 : 1;
  } finally {
    await end();
  }
}

function steps(options: RehearseOptions): Listr<Run> {
  const list: readonly Step[] = [
    {
      title: "Lab up: Entra, Graph, Key Vault, an SSH host with a simulated SESAR",
      task: async (run) => {
        await stopKeptLab();
        run.rehearsal = await Rehearsal.start({
          lab: { plugins: options.plugins, cloud: options.cloud, portBase: options.portBase },
        });
      },
    },
    { title: "First deployment: pulumi up", task: (run, task) => deploy(run, task) },
    {
      title: "One epoch later: pulumi up",
      task: async (run, task) => {
        const day = z.string().parse(await opened(run).output("nextRotation"));
        task.title = `One epoch later, ${day}: pulumi up`;
        await opened(run).goTo(day);
        await deploy(run, task);
      },
    },
    {
      title: "Once more: pulumi up with nothing to do",
      task: async (run, task) => {
        await opened(run).up({ expectNoChanges: true, ...progress(task) });
      },
    },
  ];
  return new Listr<Run>(
    list.map((step) => ({ ...step, task: (run, task) => told(run, step.task(run, task)) })),
    { rendererOptions: { showTimer: true } as object, fallbackRendererOptions: { timer: TIMER } },
  );
}

interface Shown {
  title?: string | undefined;
  output: string;
}

interface Step {
  readonly title: string;
  readonly task: (run: Run, task: Shown) => Promise<void>;
}

async function told(run: Run, step: Promise<void>): Promise<void> {
  await step.catch((error: unknown) => {
    run.failure = error instanceof Error ? error : new Error(String(error));
    throw new Error("see below");
  });
}

const TIMER = {
  condition: true,
  format: (): ((text?: string) => string) => (text) => text ?? "",
  field: (duration: number): string => `${(duration / 1000).toFixed(1)} s`,
};

function opened(run: Run): Rehearsal {
  if (run.rehearsal === undefined) throw new Error("the lab did not start");
  return run.rehearsal;
}

async function deploy(run: Run, task: Shown): Promise<void> {
  const rehearsal = opened(run);
  const before: ServiceMark = await markService(rehearsal);
  await rehearsal.up(progress(task));
  run.rotations.push(await rotationFacts(rehearsal, before));
}

function progress(task: Shown): Pick<OperationOptions, "onProgress"> {
  return { onProgress: (message) => (task.output = message) };
}

function kept(rehearsal: Rehearsal): string {
  return [
    "The lab stays up. In a POSIX shell, in this clone, with this environment:",
    "",
    exportLines(rehearsal.environment, enginePath()),
    "",
    "  pulumi preview; pulumi up; pulumi stack output",
    "  npm run keyturn -- report      # and confirm, rotate-now: docs/commands.md",
    "  npm run lab -- advance P6M     # moves the lab clock",
    "  npm run lab -- status          # what the lab has seen",
    "  npm run lab -- env             # prints the environment again, fit for eval",
    "  npm run lab -- down",
    "",
    `Workspace: ${rehearsal.workspaceDir}. Log: ${rehearsal.lab.labDir}/lab.log.`,
  ].join("\n");
}
