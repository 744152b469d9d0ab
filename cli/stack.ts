// A Keyturn stack as the command line drives it: the engine through the Automation API, secrets by standard input.
// Every engine message goes to a log file; what a person sees is progress and, on failure, the engine's own words.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineEvent, OutputMap, Stack } from "@pulumi/pulumi/automation";
import { EngineError, runEngine } from "./engine";
import { type PolicyMessage, type PolicyUse, policyMessage } from "./policy";

export { EngineError } from "./engine";

/** Where a stack lives and with which environment its engine runs. */
export interface StackPlace {
  readonly workDir: string;
  readonly stackName: string;
  /** Added to this process's environment for the engine and its children. */
  readonly environment: Readonly<Record<string, string>>;
  /** The policy pack that previews and updates are held to. */
  readonly policy?: PolicyUse;
}

export interface OperationOptions {
  /** Folders of policy packs under which the operation runs. */
  readonly policyPacks?: readonly string[];
  /** Their configuration files, in the same order. */
  readonly policyPackConfigs?: readonly string[];
  /** Whether the engine first reads what is really there. */
  readonly refresh?: boolean;
  /** Fails if the operation would change a resource. */
  readonly expectNoChanges?: boolean;
  /** Told of each resource operation as it ends. */
  readonly onProgress?: (message: string) => void;
  /** Receives the engine's printed output, as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** What an update or a preview did, resource operations counted: same, create, update, delete, … */
export type ChangeSummary = Readonly<Partial<Record<string, number>>>;

/** Creates the stack if it is not there yet. */
export class KeyturnStack {
  private constructor(
    readonly place: StackPlace,
    private readonly stack: Stack,
  ) {}

  /** All that the policy pack has said so far. */
  readonly policyMessages: PolicyMessage[] = [];

  static async open(place: StackPlace): Promise<KeyturnStack> {
    // Loaded here: the Automation API costs a second that `--help` need not pay.
    const { LocalWorkspace } = await import("@pulumi/pulumi/automation/index.js");
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: place.stackName, workDir: place.workDir },
      { envVars: { ...place.environment } },
    );
    return new KeyturnStack(place, stack);
  }

  /** Opens a stack that exists. @throws EngineError when it does not */
  static async select(place: StackPlace): Promise<KeyturnStack> {
    const { LocalWorkspace } = await import("@pulumi/pulumi/automation/index.js");
    try {
      const stack = await LocalWorkspace.selectStack(
        { stackName: place.stackName, workDir: place.workDir },
        { envVars: { ...place.environment } },
      );
      return new KeyturnStack(place, stack);
    } catch (cause) {
      throw new EngineError("stack select", cause instanceof Error ? cause.message : "", cause);
    }
  }

  /** Sets one secret config value; it travels on standard input, never on a command line. */
  async setSecret(path: string, value: string): Promise<void> {
    await this.pulumi(["config", "set", "--secret", "--path", path], value);
  }

  async up(options: OperationOptions = {}): Promise<ChangeSummary> {
    return this.run("up", options, async (common) => {
      const result = await this.stack.up({ ...common, ...(await this.checks(options)) });
      return result.summary.resourceChanges ?? {};
    });
  }

  async preview(options: OperationOptions = {}): Promise<ChangeSummary> {
    return this.run("preview", options, async (common) => {
      const result = await this.stack.preview({ ...common, ...(await this.checks(options)) });
      return result.changeSummary;
    });
  }

  async refresh(options: OperationOptions = {}): Promise<ChangeSummary> {
    return this.run("refresh", options, async (common) => {
      const result = await this.stack.refresh({ ...common });
      return result.summary.resourceChanges ?? {};
    });
  }

  async destroy(options: OperationOptions & { excludeProtected?: boolean } = {}): Promise<void> {
    const { excludeProtected, ...rest } = options;
    await this.run("destroy", rest, async (common) => {
      await this.stack.destroy({ ...common, ...(excludeProtected ? { excludeProtected } : {}) });
      return {};
    });
  }

  /** Takes the protection off every resource of the state. */
  async unprotect(): Promise<void> {
    await this.pulumi(["state", "unprotect", "--all", "--yes"]);
  }

  async outputs(): Promise<OutputMap> {
    return this.stack.outputs();
  }

  /** The stack's state as the backend keeps it, secrets encrypted. */
  async exportState(): Promise<string> {
    // Not the Automation API's exportStack: that one decrypts.
    return this.pulumi(["stack", "export"]);
  }

  /** Flags that hold an engine which is started otherwise to the same pack; its configuration is written anew. */
  async policyFlags(): Promise<string[]> {
    const { policyPacks = [], policyPackConfigs = [] } = await this.checks({});
    return [
      ...policyPacks.flatMap((pack) => ["--policy-pack", pack]),
      ...policyPackConfigs.flatMap((config) => ["--policy-pack-config", config]),
    ];
  }

  private async checks({ policyPacks = [], policyPackConfigs = [], refresh }: OperationOptions) {
    const { policy, workDir, stackName } = this.place;
    const packs = policy === undefined ? [] : [policy.pack];
    const configs = policy === undefined ? [] : [join(workDir, `policy.${stackName}.json`)];
    if (policy !== undefined) writeFileSync(configs.join(), JSON.stringify(await policy.config()));
    return {
      ...(policyPacks.length + packs.length > 0 && { policyPacks: [...packs, ...policyPacks] }),
      ...(policyPackConfigs.length + configs.length > 0 && {
        policyPackConfigs: [...configs, ...policyPackConfigs],
      }),
      ...(refresh !== undefined && { refresh }),
    };
  }

  private async run<T>(
    operation: string,
    options: OperationOptions,
    start: (common: {
      color: "never";
      expectNoChanges: boolean;
      onOutput: (text: string) => void;
      onError: (text: string) => void;
      onEvent: (event: EngineEvent) => void;
    }) => Promise<T>,
  ): Promise<T> {
    let printed = "";
    const collect = (text: string): void => {
      printed += text;
      options.onOutput?.(text);
    };
    try {
      return await start({
        color: "never",
        expectNoChanges: options.expectNoChanges ?? false,
        onOutput: collect,
        onError: collect,
        onEvent: (event) => {
          const said = policyMessage(event);
          if (said !== undefined) this.policyMessages.push(said);
          const message = progressOf(event);
          if (message !== undefined) options.onProgress?.(message);
        },
      });
    } catch (cause) {
      throw new EngineError(operation, printed || String(cause), cause);
    }
  }

  private pulumi(args: readonly string[], input = ""): Promise<string> {
    return runEngine(this.place, [...args, "--stack", this.place.stackName], input);
  }
}

/** What an update and a preview are held to, in the Automation API's words. */
function progressOf(event: EngineEvent): string | undefined {
  const metadata = event.resourcePreEvent?.metadata;
  if (metadata === undefined || metadata.op === "same") return undefined;
  return `${metadata.op} ${metadata.urn.split("::").slice(-1)[0] ?? metadata.urn}`;
}
