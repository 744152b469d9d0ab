// The Pulumi project and stack that a command is about: its folder, its config file and the stack to ask.
// Nothing is selected, created or changed here.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { EngineError, runEngine } from "../engine";
import { KeyturnStack } from "../stack";
import { UsageError } from "../usage-error";

/** What the commands take to find a stack. */
export interface StackOptions {
  /** Folder of Pulumi.yaml, or one below it. */
  readonly dir?: string | undefined;
  readonly stack?: string | undefined;
}

/** One stack of one project, as a command finds it. */
export interface Project {
  /** The project's name: the namespace of its config keys. */
  readonly name: string;
  /** The stack's name without organisation and project. */
  readonly stackName: string;
  /** Pulumi.<stack>.yaml. */
  readonly configPath: string;
  readonly stack: KeyturnStack;
}

const projectFile = z.looseObject({
  name: z.string().min(1),
  stackConfigDir: z.string().optional(),
  // An older name of the same: a text here is a folder.
  config: z.unknown().optional(),
});

/** @throws UsageError when there is no project or no stack is meant */
export async function findProject(options: StackOptions): Promise<Project> {
  const { PULUMI_OPTION_CWD: from = ".", INIT_CWD: base = process.cwd() } = process.env;
  const asked = options.dir === undefined ? resolve(base, from) : resolve(base, options.dir);
  const file = upwards(asked);
  if (file === undefined) {
    throw new UsageError(
      `${asked} must hold a Pulumi.yaml, or stand below one. Give the folder with --dir.`,
    );
  }
  const workDir = dirname(file);
  const read = projectFile.safeParse(parse(readFileSync(file, "utf8")));
  if (!read.success) throw new UsageError(`${file} must name a project, but does not.`);
  const { name, stackConfigDir, config } = read.data;
  const given = options.stack ?? (await selected(workDir));
  const stackName = given.split("/").at(-1) ?? given;
  const folder = stackConfigDir ?? (typeof config === "string" ? config : ".");
  return {
    name,
    stackName,
    configPath: join(workDir, folder, `Pulumi.${stackName}.yaml`),
    stack: new KeyturnStack({ workDir, stackName: given }),
  };
}

function upwards(folder: string): string | undefined {
  const found = ["Pulumi.yaml", "Pulumi.yml"].map((name) => join(folder, name)).find(existsSync);
  if (found !== undefined || dirname(folder) === folder) return found;
  return upwards(dirname(folder));
}

async function selected(workDir: string): Promise<string> {
  const place = { workDir, environment: { PULUMI_OPTION_CWD: workDir } };
  try {
    const name = (await runEngine(place, ["stack", "--show-name"])).trim();
    if (name !== "") return name;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (!/no stack selected|--stack flag/.test(error.output)) throw error;
  }
  throw new UsageError(`No stack is selected in ${workDir}. Give one with --stack.`);
}
