// A deployed rehearsal for tests of the host transaction: settings changed as an engineer changes them, in the stack's
// file, and what is true afterwards, read from the host's disk, the service manager, the directory and the state.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { RehearsalOptions } from "../../packages/rehearsal/rehearsal";
import type { HostReport } from "../../src/contracts/host-update";
import { type History, LabStack } from "./lab-stack";
import { until } from "./until";

/** A day in an epoch that has months to go. */
const NOW = "2026-11-21T08:00:00Z";
const SYNC_DEADLINE_MS = 60_000;
const SWITCH_DEADLINE_S = 60;

/** The part of the output `consumers` that tests read. */
export interface ConsumerOutput {
  readonly outcome: string;
  readonly adopted: boolean;
  readonly keyId: string;
  readonly reason: string;
}

/** A secret of ours as the directory knows it. */
export interface Issued {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly acceptedNow: boolean;
}

export type Service = Awaited<ReturnType<LabStack["rehearsal"]["service"]>>;

export class DeployedStack {
  private constructor(
    readonly labStack: LabStack,
    /** The service's file on the host. */
    readonly file: string,
    private generation = 0,
  ) {}

  /** A lab with a deployed stack: the service runs on the first secret. */
  static async open(options: RehearsalOptions = {}): Promise<DeployedStack> {
    const lab = { now: NOW, ...options.lab };
    const labStack = await LabStack.open({ ...options, lab });
    try {
      const { service } = await labStack.rehearsal.control.hostAccess();
      await labStack.up();
      return new DeployedStack(labStack, service.instancePath);
    } catch (error) {
      await labStack.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.labStack.close();
  }

  /** Asks for a rotation now, by the config's counter. */
  rotateNow(): void {
    this.generation += 1;
    this.labStack.set(["keyturn:generation"], this.generation);
  }

  /** Changes fields of the preset for the one consumer. */
  override(fields: Readonly<Record<string, unknown>>): void {
    for (const [field, value] of Object.entries(fields)) {
      this.labStack.set(["keyturn:consumers", 0, "overrides", field], value);
    }
  }

  /** Sets a field of the one consumer. */
  consumer(path: readonly string[], value: unknown): void {
    this.labStack.set(["keyturn:consumers", 0, ...path], value);
  }

  /** Runs an update that must fail; what the engine printed for the engineer. */
  failingUp(): Promise<string> {
    return this.labStack.failingUp();
  }

  /** Text of a file of the state folder beside the service's file; empty if it is not there. */
  state(name: string): string {
    const path = join(`${this.file}.keyturn`, name);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** Waits until nobody is at work on the file: the dead-man switch of an update leaves a moment after its report. */
  atRest(): Promise<unknown> {
    const isAtRest = (): boolean =>
      !readdirSync(`${this.file}.keyturn`).some((name) => /^(deadman|lock|owner)\b/.test(name));
    return until("the update's dead-man switch to leave", isAtRest, SWITCH_DEADLINE_S);
  }

  /** The last report that the host has kept. */
  report(): HostReport {
    return JSON.parse(this.state("report")) as HostReport;
  }

  history(): Promise<History> {
    return this.labStack.history();
  }

  async consumerOutput(): Promise<ConsumerOutput | undefined> {
    return ((await this.labStack.rehearsal.output("consumers")) as ConsumerOutput[])[0];
  }

  service(): Promise<Service> {
    return this.labStack.rehearsal.service();
  }

  /** The secrets that this stack has issued, oldest first. */
  async issued(): Promise<Issued[]> {
    const { credentials } = await this.labStack.rehearsal.status();
    return credentials
      .flatMap((application) => application.passwords)
      .filter((password) => password.displayName?.startsWith("sesar ") === true);
  }

  async accepted(keyId: string | undefined): Promise<boolean> {
    return (await this.issued()).some((one) => one.keyId === keyId && one.acceptedNow);
  }

  /** Key id with which the service itself signs in: that of its next whole sync. */
  async heldKeyId(): Promise<string | undefined> {
    const { syncs } = await this.service();
    const synced = async (): Promise<boolean> => (await this.service()).syncs > syncs;
    await until("the service's next good sync", synced, SYNC_DEADLINE_MS / 1000);
    const clientId = String(await this.labStack.rehearsal.output("clientId"));
    return (await this.labStack.rehearsal.control.signIns(clientId)).at(-1)?.keyId;
  }
}
