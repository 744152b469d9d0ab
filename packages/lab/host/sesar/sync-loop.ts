// The cycle of one instance: documents into flight, the directory, documents to the store, the next lookup's line.
import type { ServiceFarewell } from "../services/records";
import { type DirectoryAddresses, DirectoryReader, SyncError } from "./directory-reader";
import type { Documents } from "./documents";
import type { InstanceIdentity, SesarEvent, SyncEnded } from "./events";
import type { SesarInstance } from "./instance";
import type { Licences } from "./licences";
import { FAILURE_TEXT, type Trace } from "./trace";

export interface SyncSettings extends DirectoryAddresses {
  readonly intervalMs: number;
  /** A sync takes at least so long, so that a test can stop it in the middle. */
  readonly leastSyncMs: number;
  /** Documents that arrive for each sync. */
  readonly documentsPerSync: number;
}

export interface SyncParts {
  readonly trace: Trace;
  readonly documents: Documents;
  readonly licences: Licences;
  readonly tell: (event: SesarEvent) => void;
}

export class SyncLoop {
  private readonly instance: SesarInstance;
  private readonly settings: SyncSettings;
  private readonly parts: SyncParts;
  private syncing = false;
  private stopped = false;

  constructor(instance: SesarInstance, settings: SyncSettings, parts: SyncParts) {
    this.instance = instance;
    this.settings = settings;
    this.parts = parts;
  }

  get identity(): InstanceIdentity {
    const { configName, clientId, clientSecret } = this.instance;
    return {
      configName,
      clientId,
      secretHint: clientSecret === "" ? null : clientSecret.slice(0, 3),
    };
  }

  /** The first sync begins at once. */
  start(): void {
    void this.sync();
  }

  /** What a stop at this moment costs. */
  stop(): ServiceFarewell {
    this.stopped = true;
    const { trace, documents } = this.parts;
    if (!this.syncing) return { midSync: false, documentsLost: 0 };
    const documentsLost = documents.lose();
    trace.write(`Service stopped during a sync: ${documentsLost} documents lost`);
    return { midSync: true, documentsLost };
  }

  private hasStopped(): boolean {
    return this.stopped;
  }

  private async sync(): Promise<void> {
    const { trace, documents, tell } = this.parts;
    const { configName } = this.instance;
    const began = Date.now();
    this.syncing = true;
    tell({ event: "syncStarted", at: new Date(began).toISOString(), configName });
    trace.write("Sync started");
    documents.arrive(this.settings.documentsPerSync);
    documents.take();
    const directory = await this.syncDirectory();
    await sleepUntil(began + this.settings.leastSyncMs);
    // The process ends as soon as it has been told to stop; nothing may be stored after that.
    if (this.hasStopped()) return;
    const stored = documents.store();
    this.syncing = false;
    const next = wholeSecondAfter(Date.now() + this.settings.intervalMs);
    trace.write(`Sync finished: ${stored} documents`);
    trace.nextLookup(next);
    const at = new Date().toISOString();
    const nextLookup = next.toISOString();
    tell({ event: "syncEnded", at, configName, ...directory, documents: stored, nextLookup });
    await sleepUntil(next.getTime());
    if (!this.hasStopped()) void this.sync();
  }

  private async syncDirectory(): Promise<Pick<SyncEnded, "signedIn" | "good">> {
    const { trace, licences, tell } = this.parts;
    if (this.instance.clientSecret === "") return { signedIn: false, good: true };
    try {
      const reading = await new DirectoryReader(this.settings, this.instance).read();
      const { created, logsDeleted } = licences.apply(reading);
      trace.write(
        `Azure AD synchronised: ${reading.users.length} users (${created} new), ` +
          `${reading.members.size} licence groups, ${logsDeleted} event logs deleted`,
      );
      return { signedIn: true, good: true };
    } catch (error) {
      const known = error instanceof SyncError;
      const code = known ? error.code : "InternalError";
      // The answer is the directory's, but whatever it says, the secret stays out of the trace.
      const text = (known ? error.message : code).replaceAll(this.instance.clientSecret, "***");
      trace.write(`${FAILURE_TEXT}: ${text}`);
      const { configName } = this.instance;
      tell({ event: "directoryFailed", at: new Date().toISOString(), configName, code });
      return { signedIn: known && error.signedIn, good: false };
    }
  }
}

/** The trace has whole seconds, and the sync must not begin before the time that it announces. */
function wholeSecondAfter(milliseconds: number): Date {
  return new Date(Math.ceil(milliseconds / 1000) * 1000);
}

/** A timer may fire a moment early. */
async function sleepUntil(instant: number): Promise<void> {
  for (let left = instant - Date.now(); left > 0; left = instant - Date.now()) {
    await new Promise((resolve) => setTimeout(resolve, left));
  }
}
