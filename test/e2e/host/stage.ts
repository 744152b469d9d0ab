// A deployed rehearsal for tests of the host transaction: settings changed as an engineer changes them, in the stack's
// file, and what is true afterwards, read from the host's disk, the service manager, the directory and the state.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RehearsalOptions } from "../../../cli/rehearsal";
import { until } from "../../../cli/until";
import type { HostReport } from "../../../components/pure/host-contract";
import { type History, Scene } from "../harness";

/** A day in an epoch that has months to go. */
const NOW = "2026-11-21T08:00:00Z";
const SYNC_DEADLINE_MS = 60_000;

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

export type Service = Awaited<ReturnType<Scene["rehearsal"]["service"]>>;

export class Stage {
  private constructor(
    readonly scene: Scene,
    /** The service's file on the host. */
    readonly file: string,
    private generation = 0,
  ) {}

  /** A lab with a deployed stack: the service runs on the first secret. */
  static async open(options: RehearsalOptions = {}): Promise<Stage> {
    const scene = await Scene.open({ ...options, lab: { now: NOW, ...options.lab } });
    try {
      const { service } = await scene.rehearsal.control.hostAccess();
      await scene.up();
      return new Stage(scene, service.instancePath);
    } catch (error) {
      await scene.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.scene.close();
  }

  /** Asks for a rotation now, by the config's counter. */
  rotateNow(): void {
    this.generation += 1;
    this.scene.set(["keyturn:generation"], this.generation);
  }

  /** Changes fields of the preset for the one consumer. */
  override(fields: Readonly<Record<string, unknown>>): void {
    for (const [field, value] of Object.entries(fields)) {
      this.scene.set(["keyturn:consumers", 0, "overrides", field], value);
    }
  }

  /** Sets a field of the one consumer. */
  consumer(path: readonly string[], value: unknown): void {
    this.scene.set(["keyturn:consumers", 0, ...path], value);
  }

  /** Runs an update that must fail; what the engine printed for the engineer. */
  failingUp(): Promise<string> {
    return this.scene.failingUp();
  }

  /** Text of a file of the state folder beside the service's file; empty if it is not there. */
  state(name: string): string {
    const path = join(`${this.file}.keyturn`, name);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** The last report that the host has kept. */
  report(): HostReport {
    return JSON.parse(this.state("report")) as HostReport;
  }

  history(): Promise<History> {
    return this.scene.history();
  }

  async consumerOutput(): Promise<ConsumerOutput | undefined> {
    return ((await this.scene.rehearsal.output("consumers")) as ConsumerOutput[])[0];
  }

  service(): Promise<Service> {
    return this.scene.rehearsal.service();
  }

  /** The secrets that this stack has issued, oldest first. */
  async issued(): Promise<Issued[]> {
    const { credentials } = await this.scene.rehearsal.status();
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
    await until(synced, SYNC_DEADLINE_MS, "the service's next good sync");
    const clientId = String(await this.scene.rehearsal.output("clientId"));
    return (await this.scene.rehearsal.control.signIns(clientId)).at(-1)?.keyId;
  }
}
