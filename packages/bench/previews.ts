// The two stacks whose previews are compared, in one lab: Keyturn's after its first deployment, and the empty
// program's. Same engine, same kind of backend and passphrase, both programs compiled.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { Rehearsal } from "../rehearsal/rehearsal";
import { KeyturnStack } from "../cli/stack";
import { createWorkspace } from "../lab/workspace";
import type { Comparison } from "./comparison";
import { type Environment, timeOfPreview, timeToFirstResource } from "./engine";

export interface Previews {
  readonly comparisons: readonly Comparison[];
  close(): Promise<void>;
}

const TARGET = 1.5;
const CAVEAT =
  "On the lab, with its stand-ins for the four plugins; no cloud answers over a network.";

/** @param dir a folder for the lab and both stacks */
export async function openPreviews(dir: string): Promise<Previews> {
  const rehearsal = await Rehearsal.start({ lab: { labDir: join(dir, "lab") } });
  try {
    await rehearsal.up();
    const empty = await deployEmpty(dir, rehearsal.environment);
    const keyturn = rehearsal.environment;
    const compare = (
      name: string,
      title: string,
      time: (environment: Environment) => Promise<number>,
    ): Comparison => ({
      name,
      title,
      target: TARGET,
      caveat: CAVEAT,
      ours: { title: "Keyturn", sample: () => time(keyturn) },
      reference: { title: "empty program", sample: () => time(empty) },
    });
    return {
      comparisons: [
        compare(
          "start",
          "from the start of `pulumi preview` to the program's first resource",
          timeToFirstResource,
        ),
        compare("preview", "a whole `pulumi preview` with nothing to do", timeOfPreview),
      ],
      close: () => rehearsal.stop(),
    };
  } catch (error) {
    await rehearsal.stop();
    throw error;
  }
}

async function deployEmpty(dir: string, labEnvironment: Environment): Promise<Environment> {
  const projectFile = join(dir, "empty.yaml");
  const runtime = { name: "nodejs", options: { typescript: false } };
  writeFileSync(projectFile, stringify({ name: "empty", runtime }));
  const workspace = createWorkspace({
    dir: join(dir, "empty"),
    projectFile,
    main: join(__dirname, "programs", "empty.js"),
    stack: "dev",
    settings: {},
    labEnvironment,
  });
  await workspace.initialise("pulumi");
  const { environment, stack: stackName } = workspace;
  const stack = new KeyturnStack({ workDir: workspace.dir, stackName, environment });
  await stack.up();
  return environment;
}
