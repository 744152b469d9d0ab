// The Pulumi project and stack that a command is about: its folder, its settings file and what the engine says of it.
// Nothing is selected, created or changed here.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { EngineError, type EnginePlace, runEngine } from "../engine";
import { UsageError } from "../usage-error";

/** What the commands take to find a stack. */
export interface StackOptions {
  /** Folder of Pulumi.yaml, or one below it. */
  readonly dir?: string | undefined;
  readonly stack?: string | undefined;
}

const projectFile = z.looseObject({
  name: z.string().min(1),
  stackConfigDir: z.string().optional(),
  // An older name of the same: a text here is a folder.
  config: z.unknown().optional(),
});
const effective = z.record(
  z.string(),
  z.object({ value: z.string().optional(), objectValue: z.unknown().optional() }),
);
const updates = z.array(
  z.object({ kind: z.string(), startTime: z.string(), result: z.string() }).optional(),
);

/** The last update of a stack, successful or not, by the machine's clock. */
export interface LastRun {
  readonly kind: string;
  readonly at: string;
  readonly result: string;
}

/** One stack of one project, as a command finds it. */
export class Project {
  private constructor(
    readonly place: EnginePlace,
    /** The project's name: the namespace of its config keys. */
    readonly name: string,
    /** The stack's name without organisation and project. */
    readonly stack: string,
    /** Pulumi.<stack>.yaml. */
    readonly settingsPath: string,
    private readonly given: string,
  ) {}

  /** @throws UsageError when there is no project or no stack is meant */
  static async find(options: StackOptions): Promise<Project> {
    const { PULUMI_OPTION_CWD: from = ".", INIT_CWD: base = process.cwd() } = process.env;
    const asked = options.dir === undefined ? resolve(base, from) : resolve(base, options.dir);
    const file = upwards(asked);
    if (file === undefined) {
      throw new UsageError(
        `${asked} must hold a Pulumi.yaml, or stand below one. Give the folder with --dir.`,
      );
    }
    const workDir = dirname(file);
    const place = { workDir, environment: { PULUMI_OPTION_CWD: undefined } };
    const read = projectFile.safeParse(parse(readFileSync(file, "utf8")));
    if (!read.success) throw new UsageError(`${file} must name a project, but does not.`);
    const { name, stackConfigDir, config } = read.data;
    const given = options.stack ?? (await selected(place));
    const stack = given.split("/").at(-1) ?? given;
    const folder = stackConfigDir ?? (typeof config === "string" ? config : ".");
    return new Project(place, name, stack, join(workDir, folder, `Pulumi.${stack}.yaml`), given);
  }

  /** The stack's outputs; secrets are left out by the engine. */
  async outputs(): Promise<unknown> {
    return JSON.parse(await this.engine(["stack", "output", "--json"])) as unknown;
  }

  /** The state as the backend keeps it, secrets encrypted. */
  exportState(): Promise<string> {
    return this.engine(["stack", "export"]);
  }

  /** One secret output. Whoever asks shows it to a person and to nobody else. */
  async secretOutput(name: string): Promise<unknown> {
    return JSON.parse(
      await this.engine(["stack", "output", name, "--json", "--show-secrets"]),
    ) as unknown;
  }

  /** The config as the engine reads it, defaults of Pulumi.yaml included, secrets left out; by bare key. */
  async settings(): Promise<Readonly<Record<string, unknown>>> {
    const read = effective.parse(JSON.parse(await this.engine(["config", "--json"])));
    return Object.fromEntries(
      Object.entries(read).map(([key, { value, objectValue }]) => [
        key.replace(`${this.name}:`, ""),
        objectValue ?? value,
      ]),
    );
  }

  /** The last update that the backend knows; undefined if it tells none. */
  async lastRun(): Promise<LastRun | undefined> {
    try {
      const [last] = updates.parse(
        JSON.parse(await this.engine(["stack", "history", "--json", "--page-size", "1"])),
      );
      return last && { kind: last.kind, at: last.startTime, result: last.result };
    } catch (error) {
      if (error instanceof UsageError) throw error;
      // Only a line of the report depends on it.
      return undefined;
    }
  }

  private async engine(args: readonly string[]): Promise<string> {
    try {
      return await runEngine(this.place, [...args, "--stack", this.given]);
    } catch (error) {
      if (!(error instanceof EngineError) || !/no stack named/.test(error.output)) throw error;
      throw new UsageError(
        `There is no stack ${this.given} in ${this.place.workDir}. Give another with --stack; \`pulumi stack ls\` lists them.`,
      );
    }
  }
}

function upwards(folder: string): string | undefined {
  const found = ["Pulumi.yaml", "Pulumi.yml"].map((name) => join(folder, name)).find(existsSync);
  if (found !== undefined || dirname(folder) === folder) return found;
  return upwards(dirname(folder));
}

async function selected(place: EnginePlace): Promise<string> {
  try {
    const name = (await runEngine(place, ["stack", "--show-name"])).trim();
    if (name !== "") return name;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (!/no stack selected|--stack flag/.test(error.output)) throw error;
  }
  throw new UsageError(`No stack is selected in ${place.workDir}. Give one with --stack.`);
}
