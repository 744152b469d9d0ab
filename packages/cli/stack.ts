// The one driver of a stack: what the engine says of it, its config, and the operations on it.
// Operations go through the Automation API, which follows their events. All else is the engine's own command line: there
// a secret value goes by standard input and stays encrypted on the way out, and nothing is loaded for it.
import type { Stack } from "@pulumi/pulumi/automation";
import { EOL } from "node:os";
import { z } from "zod";
import { EngineError, engineEnvironment, runEngine } from "./engine";
import {
  type ChangeSummary,
  type CommonOptions,
  type OperationOptions,
  checksOf,
  operate,
} from "./operation";
import type { PolicyMessage, PolicyUse } from "./policy";
import { type ConfigChange, pathText } from "./project/config-change";
import { UsageError } from "./usage-error";

export { EngineError } from "./engine";
export type { ChangeSummary, OperationOptions } from "./operation";

/** Where a stack lives and with which environment its engine runs. */
export interface StackPlace {
  /** Folder of Pulumi.yaml. */
  readonly workDir: string;
  /** As the engine takes it, with organisation and project where they are needed. */
  readonly stackName: string;
  /** Added to this process's environment for the engine and its children. @default nothing */
  readonly environment?: Readonly<Record<string, string>>;
  /** The policy pack that previews and updates are held to. */
  readonly policy?: PolicyUse;
}

/** The last update of a stack, successful or not, by the machine's clock. */
export interface LastRun {
  readonly kind: string;
  readonly at: string;
  readonly result: string;
}

type Values = Readonly<Record<string, unknown>>;

const values = z.record(z.string(), z.unknown());
const effective = z.record(
  z.string(),
  z.object({ value: z.string().optional(), objectValue: z.unknown().optional() }),
);
const oneValue = z.object({ value: z.string().optional() });
const updates = z.array(
  z.object({ kind: z.string(), startTime: z.string(), result: z.string() }).optional(),
);

/** A stack that exists. Nothing is asked of the engine before a method is called. */
export class KeyturnStack {
  /** All that the policy pack has said so far. */
  readonly policyMessages: PolicyMessage[] = [];
  private opened: Promise<Stack> | undefined;

  constructor(readonly place: StackPlace) {}

  /** The environment that the engine gets beside this process's own. */
  get environment(): Readonly<Record<string, string>> {
    // A relative one of the caller's would be taken twice.
    return engineEnvironment({
      ...this.place.environment,
      PULUMI_OPTION_CWD: this.place.workDir,
    });
  }

  /** The outputs; in place of a secret one stands "[secret]". */
  async outputs(): Promise<Values> {
    return values.parse(JSON.parse(await this.pulumi(["stack", "output", "--json"])));
  }

  /** The outputs, secret ones too. Whoever asks shows them to a person and to nobody else. */
  async shownOutputs(): Promise<Values> {
    const flags = ["--json", "--show-secrets"];
    return values.parse(JSON.parse(await this.pulumi(["stack", "output", ...flags])));
  }

  /** The state as the backend keeps it, secrets encrypted. */
  exportState(): Promise<string> {
    return this.pulumi(["stack", "export"]);
  }

  /** The last update that the backend knows; undefined if it tells none. */
  async lastRun(): Promise<LastRun | undefined> {
    try {
      const [last] = updates.parse(
        JSON.parse(await this.pulumi(["stack", "history", "--json", "--page-size", "1"])),
      );
      return last && { kind: last.kind, at: last.startTime, result: last.result };
    } catch (error) {
      if (error instanceof UsageError) throw error;
      // Only a line of the report depends on it.
      return undefined;
    }
  }

  /**
   * The config as the engine reads it, defaults of Pulumi.yaml included, secrets left out; keys of the project are bare.
   * @param file in the stack's config file's stead
   */
  async config(project: string, file?: string): Promise<Values> {
    const flags = file === undefined ? [] : ["--config-file", file];
    const read = effective.parse(JSON.parse(await this.pulumi(["config", "--json", ...flags])));
    return Object.fromEntries(
      Object.entries(read).map(([key, { value, objectValue }]) => [
        key.replace(`${project}:`, ""),
        objectValue ?? value,
      ]),
    );
  }

  /** Writes values into a config file, all at once. Nothing secret: they stand on the engine's command line. */
  async setConfig(changes: readonly ConfigChange[], file: string): Promise<void> {
    const settings = changes.map(({ path, value }) => `${pathText(path)}=${value}`);
    const flags = settings.flatMap((setting) => ["--plaintext", setting]);
    await this.pulumi(["config", "set-all", "--path", ...flags, "--config-file", file]);
  }

  /**
   * Sets one secret config value; it travels on standard input, never on a command line.
   * @param file in the stack's config file's stead
   */
  async setSecret(path: string, value: string, file?: string): Promise<void> {
    const flags = file === undefined ? [] : ["--config-file", file];
    // The engine takes one line end off, of the kind that its system has; the value's own stays.
    await this.pulumi(["config", "set", "--secret", "--path", path, ...flags], value + EOL);
  }

  /** One config value as it was set, a secret one too. Whoever asks shows it to nobody. */
  async configValue(path: string, file: string): Promise<string | undefined> {
    const flags = ["--path", path, "--json", "--config-file", file];
    return oneValue.parse(JSON.parse(await this.pulumi(["config", "get", ...flags]))).value;
  }

  /** Takes the protection off every resource of the state. */
  async unprotect(): Promise<void> {
    await this.pulumi(["state", "unprotect", "--all", "--yes"]);
  }

  /** Makes ready for operations, which do so themselves. @throws EngineError when there is no such stack */
  async open(): Promise<void> {
    await this.automation();
  }

  up(options: OperationOptions = {}): Promise<ChangeSummary> {
    return this.run("up", options, async (stack, common) => {
      await stack.up({ ...common, ...(await this.checks(options)) });
    });
  }

  preview(options: OperationOptions = {}): Promise<ChangeSummary> {
    return this.run("preview", options, async (stack, common) => {
      await stack.preview({ ...common, ...(await this.checks(options)) });
    });
  }

  refresh(options: OperationOptions = {}): Promise<ChangeSummary> {
    return this.run("refresh", options, async (stack, common) => {
      await stack.refresh({ ...common });
    });
  }

  async destroy(options: OperationOptions & { excludeProtected?: boolean } = {}): Promise<void> {
    const { excludeProtected, ...rest } = options;
    await this.run("destroy", rest, async (stack, common) => {
      await stack.destroy({ ...common, ...(excludeProtected ? { excludeProtected } : {}) });
    });
  }

  private checks(options: OperationOptions) {
    const { policy, workDir, stackName } = this.place;
    return checksOf(options, { policy, workDir, name: stackName });
  }

  private async run(
    operation: string,
    options: OperationOptions,
    start: (stack: Stack, common: CommonOptions) => Promise<void>,
  ): Promise<ChangeSummary> {
    const stack = await this.automation();
    const heard = (said: PolicyMessage): number => this.policyMessages.push(said);
    return operate(operation, options, heard, (common) => start(stack, common));
  }

  private automation(): Promise<Stack> {
    const { workDir, stackName } = this.place;
    // Loaded here: the Automation API costs a second that a report need not pay.
    this.opened ??= import("@pulumi/pulumi/automation/index.js")
      .then(({ LocalWorkspace }) =>
        LocalWorkspace.selectStack({ stackName, workDir }, { envVars: this.environment }),
      )
      .then(withoutAfterword)
      .catch((cause: unknown) => {
        throw new EngineError("stack select", cause instanceof Error ? cause.message : "", cause);
      });
    return this.opened;
  }

  private async pulumi(args: readonly string[], input = ""): Promise<string> {
    const { workDir, stackName } = this.place;
    const place = { workDir, environment: this.environment };
    try {
      return await runEngine(place, [...args, "--stack", stackName], input);
    } catch (error) {
      if (!(error instanceof EngineError) || !/no stack named/.test(error.output)) throw error;
      throw new UsageError(
        `There is no stack ${stackName} in ${workDir}. Give another with --stack; \`pulumi stack ls\` lists them.`,
      );
    }
  }
}

/**
 * After each operation the Automation API starts the engine three times more, for the outputs, for the outputs with
 * their secrets decrypted, and for the history. Nothing here reads them; this process need not hold the secrets.
 */
function withoutAfterword(stack: Stack): Stack {
  stack.outputs = () => Promise.resolve({});
  stack.info = () => Promise.resolve(undefined);
  return stack;
}
