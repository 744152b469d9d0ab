// A Pulumi workspace for the lab: project file, stack settings, local state and passphrase in one folder, and the
// environment in which `pulumi preview`, `up` and `stack output` work there without a flag.
import { randomBytes } from "node:crypto";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { parse, stringify } from "yaml";
import { LabError } from "./errors";

export interface WorkspaceOptions {
  /** Folder of the workspace; whatever workspace was in it before is removed with its state. */
  readonly dir: string;
  /** The project's Pulumi.yaml, which is copied. */
  readonly projectFile: string;
  /** Absolute path of the compiled program that the engine runs. */
  readonly main: string;
  readonly stack: string;
  /** Plain settings by name; a name without a colon belongs to the project. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The lab's environment, beside which the workspace's own is put. */
  readonly labEnvironment: Readonly<Record<string, string>>;
}

export interface Workspace {
  readonly dir: string;
  readonly project: string;
  readonly stack: string;
  /** For the engine: the lab's environment and the workspace's. */
  readonly environment: Readonly<Record<string, string>>;
  /** Makes the stack and encrypts settings into it; values go by standard input. */
  initialise(pulumi: string, secrets?: Readonly<Record<string, string>>): Promise<void>;
  /** Another stack of the same project, in the same folder and state. */
  beside(stack: string, settings: Readonly<Record<string, unknown>>): Workspace;
}

/** Marks a folder as the lab's own, to be removed without asking. */
const MARK = ".keyturn-workspace";
const STATE = "state";
const PASSPHRASE = "passphrase";

/** What `pulumi` reads of its environment to work in a workspace. */
export type WorkspaceEnvironment = Readonly<
  Record<
    | "PULUMI_BACKEND_URL"
    | "PULUMI_CONFIG_PASSPHRASE_FILE"
    | "PULUMI_SKIP_UPDATE_CHECK"
    | "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"
    | "PULUMI_OPTION_CWD"
    | "PULUMI_STACK",
    string
  >
>;

export function createWorkspace(options: WorkspaceOptions): Workspace {
  const dir = resolve(options.dir);
  const { stack, main } = options;
  requireOptions(options);
  const { projectYaml, project } = readProject(options.projectFile);
  clear(dir);
  mkdirSync(join(dir, STATE), { recursive: true, mode: 0o700 });
  writeFileSync(join(dir, MARK), "");
  writeFileSync(join(dir, "Pulumi.yaml"), stringify({ ...projectYaml, main }));
  writeFileSync(join(dir, PASSPHRASE), randomBytes(24).toString("base64url"), { mode: 0o600 });
  return withStack(
    { dir, project, stack, labEnvironment: options.labEnvironment },
    options.settings,
  );
}

type StackOptions = Pick<Workspace, "dir" | "project" | "stack"> &
  Pick<WorkspaceOptions, "labEnvironment">;

function withStack(options: StackOptions, settings: WorkspaceOptions["settings"]): Workspace {
  const { dir, project, stack, labEnvironment } = options;
  const named = Object.entries(settings).map(([name, value]) => [
    name.includes(":") ? name : `${project}:${name}`,
    value,
  ]);
  const config = { config: Object.fromEntries(named) as object };
  writeFileSync(join(dir, `Pulumi.${stack}.yaml`), stringify(config, { version: "1.1" }), {
    mode: 0o600,
  });
  const own = workspaceEnvironment(dir, stack);
  const environment = { ...labEnvironment, ...own };
  return {
    dir,
    project,
    stack,
    environment,
    initialise: async (pulumi, secrets = {}) => {
      // Without PULUMI_STACK, which names a stack that is not there yet.
      const { PULUMI_STACK: name, ...bare } = own;
      await run(pulumi, ["stack", "init", name], { ...labEnvironment, ...bare });
      for (const [setting, value] of Object.entries(secrets)) {
        const flags = ["config", "set", "--secret", "--path", setting];
        await run(pulumi, flags, environment, value);
      }
    },
    beside: (name, others) => {
      requireStackName(name);
      return withStack({ ...options, stack: name }, others);
    },
  };
}

/** The workspace's own part of the environment, in which `pulumi` needs no flag. */
export function workspaceEnvironment(dir: string, stack: string): WorkspaceEnvironment {
  const folder = resolve(dir);
  return {
    PULUMI_BACKEND_URL: `file://${join(folder, STATE)}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: join(folder, PASSPHRASE),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_OPTION_CWD: folder,
    PULUMI_STACK: stack,
  };
}

function requireOptions({ projectFile, main, stack }: WorkspaceOptions): void {
  const problems = [
    ...(existsSync(projectFile) ? [] : [`projectFile: ${projectFile} is not there`]),
    ...(isAbsolute(main) && existsSync(main)
      ? []
      : [`main: ${main} is no absolute path of a file`]),
    ...(STACK_NAME.test(stack) ? [] : [`stack: "${stack}" is no stack name`]),
  ];
  if (problems.length === 0) return;
  throw new LabError(`The lab cannot make a Pulumi workspace. ${problems.join("; ")}.`);
}

const STACK_NAME = /^[\w.-]{1,100}$/;

function requireStackName(stack: string): void {
  if (STACK_NAME.test(stack)) return;
  throw new LabError(`The lab cannot make a Pulumi stack: "${stack}" is no stack name.`);
}

function readProject(projectFile: string) {
  const projectYaml = parse(readFileSync(projectFile, "utf8")) as { name?: unknown } | null;
  const project = projectYaml?.name;
  if (typeof project === "string") return { projectYaml, project };
  throw new LabError(`${projectFile} has no project name.`);
}

/** Removes a workspace of ours; never a folder of somebody else's. */
function clear(dir: string): void {
  if (!existsSync(dir)) return;
  if (!statSync(dir).isDirectory() || !existsSync(join(dir, MARK))) {
    throw new LabError(
      `${dir} is there and is no workspace of the lab. Move it away, or give the lab another folder.`,
    );
  }
  rmSync(dir, { recursive: true });
}

async function run(
  pulumi: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  input?: string,
): Promise<void> {
  const child = spawn(pulumi, [...args, "--non-interactive"], {
    env: { ...process.env, ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const failed = new Promise<never>((_resolve, reject) => child.once("error", reject));
  child.stdin.end(input ?? "");
  const [, errors, exitCode] = await Promise.race([
    Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise<number | null>((done) => child.once("close", done)),
    ]),
    failed,
  ]);
  if (exitCode === 0) return;
  throw new LabError(`\`pulumi ${args.slice(0, 2).join(" ")}\` failed: ${errors.trim()}`);
}
