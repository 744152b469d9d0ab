// A rehearsal: a lab, a workspace in it, and the stack that is deployed there. The command line and the end-to-end
// tests drive the same one.
import { join } from "node:path";
import { type Daemon, startDaemon } from "../lab/daemon";
import type { LabControl } from "../lab/control-client";
import type { LabStatus } from "../lab/lab-status";
import type { LabOptions } from "../lab/options";
import { type Workspace, createWorkspace } from "../lab/workspace";
import type { Exception } from "../../policy/settings";
import { ensureVendorPlugins } from "../toolchain/plugins";
import { CLONE } from "../cli/clone";
import { PROGRAM, REHEARSAL_STACK, WORKSPACE } from "./places";
import {
  REHEARSAL_CONSUMER,
  type StackConfig,
  engineEnvironment,
  labStackConfig,
} from "./lab-settings";
import { POLICY_PACK } from "../cli/policy";
import { labPolicyConfig } from "./lab-policy";
import { type OperationOptions, KeyturnStack } from "../cli/stack";

/** One stack on the lab. */
export interface StackOptions {
  /** Config that differs from Pulumi.dev.yaml, by full key. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Secret config that differs from the lab's, by config path. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** The lab's host of each consumer, by the consumer's name. @default "sesar" on the lab's first host */
  readonly consumers?: Readonly<Record<string, string>>;
  /** Exceptions from the policy pack. @default none */
  readonly exceptions?: readonly Exception[];
  /** Whether operations run under the policy pack, which costs each a second. @default true */
  readonly policy?: boolean;
}

export interface RehearsalOptions extends StackOptions {
  readonly lab?: LabOptions;
  /** Called before the stack is made, for what is in the tenant already; gives more config. */
  readonly prepare?: (control: LabControl) => Promise<Readonly<Record<string, unknown>>>;
  /** Name of the stack. @default "dev" */
  readonly stackName?: string;
  /** The program that the engine runs. @default dist/index.js of this clone */
  readonly main?: string;
}

export class Rehearsal {
  private constructor(
    readonly lab: Daemon,
    readonly stack: KeyturnStack,
    private readonly workspace: Workspace,
  ) {}

  get workspaceDir(): string {
    return this.workspace.dir;
  }

  /** Starts a lab and makes a stack in it; the lab ends with this process unless it is kept. */
  static async start(options: RehearsalOptions = {}): Promise<Rehearsal> {
    if (options.lab?.plugins === "vendor") await ensureVendorPlugins();
    const lab = await startDaemon(options.lab);
    try {
      const prepared = await options.prepare?.(lab.control);
      const config = { ...options.config, ...prepared };
      const { settings, secrets } = await configOf(lab.control, { ...options, config });
      const workspace = createWorkspace({
        dir: join(lab.labDir, WORKSPACE),
        projectFile: join(CLONE, "Pulumi.yaml"),
        main: options.main ?? PROGRAM,
        stack: options.stackName ?? REHEARSAL_STACK,
        settings,
        labEnvironment: engineEnvironment(await lab.environment()),
      });
      return await Rehearsal.open(lab, workspace, secrets, options);
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  /** Another stack on the same lab, in the same workspace; either one's `stop` ends the lab of both. */
  async beside(stackName: string, options: StackOptions): Promise<Rehearsal> {
    const { settings, secrets } = await configOf(this.control, options);
    return Rehearsal.open(this.lab, this.workspace.beside(stackName, settings), secrets, options);
  }

  private static async open(
    lab: Daemon,
    workspace: Workspace,
    secrets: StackConfig["secrets"],
    { exceptions, policy = true }: StackOptions,
  ): Promise<Rehearsal> {
    await workspace.initialise("pulumi", secrets);
    const { dir: workDir, stack: stackName, environment } = workspace;
    const config = async () => {
      const { now } = await lab.control.clock();
      return labPolicyConfig(now.slice(0, 10), exceptions);
    };
    const held = policy ? { policy: { pack: POLICY_PACK, config } } : {};
    const stack = new KeyturnStack({ workDir, stackName, environment, ...held });
    return new Rehearsal(lab, stack, workspace);
  }

  get control(): LabControl {
    return this.lab.control;
  }

  get environment(): Readonly<Record<string, string>> {
    return this.stack.environment;
  }

  status(): Promise<LabStatus> {
    return this.control.status();
  }

  /** The status of a host's service, the first host's where none is named, or an error that says there is none. */
  async service(hostName?: string): Promise<NonNullable<LabStatus["host"]>["services"]["sesar"]> {
    const { host: first, hosts } = await this.status();
    const host = hostName === undefined ? first : hosts[hostName];
    if (host === undefined) throw new Error("The lab runs without such a host; start it with one.");
    return host.services.sesar;
  }

  up(options?: OperationOptions): ReturnType<KeyturnStack["up"]> {
    return this.stack.up(options);
  }

  /** One of the stack's outputs, as plain text or object. */
  async output(name: string): Promise<unknown> {
    return (await this.stack.shownOutputs())[name];
  }

  /** Moves the lab clock to the first moment of a UTC day. */
  async goTo(day: string): Promise<void> {
    await this.control.moveClock({ set: `${day}T00:00:30Z` });
  }

  /** Ends the lab; its folder's own files go with it. */
  async stop(): Promise<void> {
    await this.lab.stop();
  }
}

async function configOf(control: LabControl, options: StackOptions): Promise<StackConfig> {
  const { consumers = { [REHEARSAL_CONSUMER]: undefined } } = options;
  const hosts = await Promise.all(
    Object.entries(consumers).map(
      async ([consumer, hostName]) => [consumer, await control.hostAccess(hostName)] as const,
    ),
  );
  const { settings, secrets } = labStackConfig(
    join(CLONE, "Pulumi.dev.yaml"),
    await control.status(),
    Object.fromEntries(hosts),
    options.config,
  );
  return { settings, secrets: { ...secrets, ...options.secrets } };
}
