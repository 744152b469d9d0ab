// SESAR as a service of the lab's host: its folder, its definition for the service manager, its status.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { given } from "../../given";
import { Service } from "../services/service";
import type {
  ServiceFarewell,
  ServiceFaults,
  ServiceRefusal,
  ServiceState,
  ServiceStop,
} from "../services/records";
import { NO_SYNC_YET, type SesarEvent, type SesarStatus, after } from "./events";
import { isEncrypted } from "./instance-file";
import type { SesarFaults, SesarSettings } from "./settings";
import { Trace } from "./trace";

export const SESAR_NAME = "sesar";
/** As the vendor's Services console shows it. */
export const SESAR_DISPLAY_NAME = "SESAR (Secure Exchanges Send And Receive)";
/** The vendor's folder, with its space. */
export const SESAR_FOLDER = join("Secure Exchanges inc", "SESAR");

export interface SesarServiceStatus extends SesarStatus {
  readonly name: string;
  readonly displayName: string;
  readonly state: ServiceState;
  readonly pid: number | null;
  readonly startedAt: string | null;
  readonly starts: number;
  readonly stops: readonly ServiceStop[];
  readonly refusals: readonly ServiceRefusal[];
  /** Whether instance.json is encrypted now; null when it is not there. */
  readonly encrypted: boolean | null;
  readonly instancePath: string;
  /** This month's trace file. */
  readonly tracePath: string;
}

/** Faults of the service, of its process and of the product alike. */
export type SimulatedFaults = ServiceFaults & SesarFaults;

export interface SesarServiceOptions extends SesarSettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly outputPath: string;
  /** Plaintext of instance.json for a first installation; a file that is there stays. */
  readonly firstInstanceFile: string;
  readonly stopTimeoutSeconds?: number;
}

export class SesarService {
  readonly service: Service;
  readonly folder: string;
  readonly instancePath: string;
  private record: SesarStatus = NO_SYNC_YET;
  private faults: SesarFaults = {};

  constructor(options: SesarServiceOptions) {
    const { environment, outputPath, firstInstanceFile, stopTimeoutSeconds, ...settings } = options;
    this.folder = settings.folder;
    this.instancePath = join(this.folder, "instance.json");
    install(this.folder, this.instancePath, firstInstanceFile);
    this.service = new Service({
      name: SESAR_NAME,
      displayName: SESAR_DISPLAY_NAME,
      program: {
        module: join(__dirname, `main${extname(__filename)}`),
        arguments: () => [
          JSON.stringify({ ...settings, faults: this.faults } satisfies SesarSettings),
        ],
        environment,
        outputPath,
      },
      ...(stopTimeoutSeconds !== undefined && { stopTimeoutSeconds }),
      onMessage: (message) => this.hear(message as SesarEvent),
    });
  }

  /** Replaces the faults that were set before; those of the product count from its next start on. */
  simulate({
    misreadsNewFile,
    readsFileLate,
    keepsTokenSeconds,
    ...faults
  }: SimulatedFaults): void {
    this.faults = given({ misreadsNewFile, readsFileLate, keepsTokenSeconds });
    this.service.simulate(faults);
  }

  status(): SesarServiceStatus {
    const { service, instancePath } = this;
    return {
      name: service.name,
      displayName: service.displayName,
      state: service.state,
      pid: service.pid ?? null,
      startedAt: service.startedAt,
      starts: service.starts,
      stops: service.stops.map((stop) => ({ ...stop })),
      refusals: [...service.refusals],
      encrypted: encrypted(instancePath),
      instancePath,
      tracePath: new Trace(this.folder).path,
      ...this.record,
    };
  }

  private hear(event: SesarEvent): ServiceFarewell | undefined {
    this.record = after(this.record, event);
    if (event.event === "foundLost") this.service.lostAtLastStop(event.documents);
    if (event.event === "syncEnded") this.service.isBetweenSyncs();
    if (event.event !== "stopping") return undefined;
    return { midSync: event.midSync, documentsLost: event.documentsLost };
  }
}

function install(folder: string, instancePath: string, firstInstanceFile: string): void {
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(instancePath, firstInstanceFile, { mode: 0o640, flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

function encrypted(instancePath: string): boolean | null {
  try {
    return isEncrypted(readFileSync(instancePath));
  } catch {
    return null;
  }
}
