// All that a command reads of a stack before it decides: outputs, config and the day.
import { readDay } from "./clock";
import { type StackOutputs, parseOutputs } from "./outputs";
import { type Project, type StackOptions, findProject } from "./project";
import { withProgress } from "../progress";

/** A stack as a command finds it. */
export interface StackReading {
  readonly project: Project;
  readonly outputs: StackOutputs;
  /** The config by bare key, secrets left out. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly now: Date;
}

/** Reads a stack; nothing is changed. */
export function readStack(options: StackOptions): Promise<StackReading> {
  return withProgress("Reading the stack", async () => {
    const project = await findProject(options);
    const { stack, stackName } = project;
    const [outputs, config] = await Promise.all([stack.outputs(), stack.config(project.name)]);
    const now = await readDay(config);
    return { project, outputs: parseOutputs(stackName, outputs), config, now };
  });
}
