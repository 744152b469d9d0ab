// All that a command reads of a stack before it decides: outputs, settings and the day.
import { readNow } from "./clock";
import { type StackOutputs, parseOutputs } from "./outputs";
import { Project, type StackOptions } from "./project";
import { withProgress } from "../progress";

/** A stack as a command finds it. */
export interface StackReading {
  readonly project: Project;
  readonly outputs: StackOutputs;
  /** The config by bare key, secrets left out. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly now: Date;
}

/** Reads a stack; nothing is changed. */
export function readStack(options: StackOptions): Promise<StackReading> {
  return withProgress("Reading the stack", async () => {
    const project = await Project.find(options);
    const [outputs, settings] = await Promise.all([project.outputs(), project.settings()]);
    const now = await readNow(settings);
    return { project, outputs: parseOutputs(project.stack, outputs), settings, now };
  });
}
