// A rehearsal: a lab, a workspace in it, and the stack that is deployed there. The command line and the end-to-end
// tests drive the same one.
import { join } from "node:path";
import { type Daemon, startDaemon } from "../lab/daemon";
import type { LabControl } from "../lab/control-client";
import type { LabStatus } from "../lab/lab-status";
import type { LabOptions } from "../lab/options";
import { createWorkspace } from "../lab/workspace";
import { ensureVendorPlugins } from "../toolchain/plugins";
import { CLONE, PROGRAM, REHEARSAL_STACK, WORKSPACE } from "./clone";
import { REHEARSAL_CONSUMER, engineEnvironment, labStackConfig } from "./lab-settings";
import { type OperationOptions, KeyturnStack } from "./stack";

export interface RehearsalOptions {
  readonly lab?: LabOptions;
  /** Config that differs from Pulumi.dev.yaml, by full key. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Name of the stack. @default "dev" */
  readonly stackName?: string;
  /** The program that the engine runs. @default dist/index.js of this clone */
  readonly main?: string;
}

export class Rehearsal {
  private constructor(
    readonly lab: Daemon,
    readonly stack: KeyturnStack,
    readonly workspaceDir: string,
  ) {}

  /** Starts a lab and makes a stack in it; the lab ends with this process unless it is kept. */
  static async start(options: RehearsalOptions = {}): Promise<Rehearsal> {
    if (options.lab?.plugins === "vendor") await ensureVendorPlugins();
    const lab = await startDaemon(options.lab);
    try {
      const workspaceDir = join(lab.labDir, WORKSPACE);
      const status = await lab.control.status();
      const { settings, secrets } = labStackConfig(
        join(CLONE, "Pulumi.dev.yaml"),
        status,
        { [REHEARSAL_CONSUMER]: await lab.control.hostAccess() },
        options.config,
      );
      const workspace = createWorkspace({
        dir: workspaceDir,
        projectFile: join(CLONE, "Pulumi.yaml"),
        main: options.main ?? PROGRAM,
        stack: options.stackName ?? REHEARSAL_STACK,
        settings,
        labEnvironment: engineEnvironment(await lab.environment()),
      });
      await workspace.initialise("pulumi", secrets);
      const stack = await KeyturnStack.open({
        workDir: workspaceDir,
        stackName: workspace.stack,
        environment: workspace.environment,
      });
      return new Rehearsal(lab, stack, workspaceDir);
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  get control(): LabControl {
    return this.lab.control;
  }

  get environment(): Readonly<Record<string, string>> {
    return this.stack.place.environment;
  }

  status(): Promise<LabStatus> {
    return this.control.status();
  }

  /** The service's status, or an error that says there is none. */
  async service(): Promise<NonNullable<LabStatus["host"]>["services"]["sesar"]> {
    const { host } = await this.status();
    if (host === undefined) throw new Error("The lab runs without a host; start it with one.");
    return host.services.sesar;
  }

  up(options?: OperationOptions): ReturnType<KeyturnStack["up"]> {
    return this.stack.up(options);
  }

  /** One of the stack's outputs, as plain text or object. */
  async output(name: string): Promise<unknown> {
    return ((await this.stack.outputs())[name]?.value ?? undefined) as unknown;
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
