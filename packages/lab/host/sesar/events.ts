// What the SESAR process tells its service manager, and the record that the lab makes of it over all its runs.
import type { ServiceFarewell } from "../services/records";

export interface InstanceIdentity {
  readonly configName: string;
  readonly clientId: string;
  /** First three characters of the secret, as Entra shows it; null without a secret. Never more. */
  readonly secretHint: string | null;
}

export type SesarEvent =
  | {
      readonly event: "loaded";
      readonly at: string;
      readonly instances: readonly InstanceIdentity[];
    }
  | { readonly event: "rejected"; readonly at: string; readonly reason: string }
  | { readonly event: "foundLost"; readonly at: string; readonly documents: number }
  | { readonly event: "syncStarted"; readonly at: string; readonly configName: string }
  | DirectoryFailed
  | SyncEnded
  | ({ readonly event: "stopping"; readonly at: string } & ServiceFarewell);

/** Told at once: the sync goes on with its documents, and may be stopped before its end. */
export interface DirectoryFailed {
  readonly event: "directoryFailed";
  readonly at: string;
  readonly configName: string;
  /** AADSTS number, Graph's code, or the network's. */
  readonly code: string;
}

export interface SyncEnded {
  readonly event: "syncEnded";
  readonly at: string;
  readonly configName: string;
  readonly signedIn: boolean;
  /** False when the directory's part has failed. */
  readonly good: boolean;
  readonly documents: number;
  readonly nextLookup: string;
}

export interface SesarFailure {
  readonly at: string;
  readonly configName: string;
  readonly code: string;
}

export interface SesarInstanceStatus extends InstanceIdentity {
  readonly syncing: boolean;
  readonly lastSync: string | null;
  readonly nextLookup: string | null;
}

/** Counters over all runs of the service since the lab's start. */
export interface SesarStatus {
  /** Finished syncs without a failure. */
  readonly syncs: number;
  readonly failedSyncs: number;
  /** Syncs that signed in at Entra. */
  readonly signIns: number;
  readonly failures: readonly SesarFailure[];
  /** Why the configuration was refused at the last start; null when it was not. */
  readonly rejected: string | null;
  readonly documentsProcessed: number;
  readonly documentsLost: number;
  readonly lastSync: string | null;
  /** The earliest of the instances' next syncs. */
  readonly nextLookup: string | null;
  readonly instances: readonly SesarInstanceStatus[];
}

const KEPT_FAILURES = 200;

export const NO_SYNC_YET: SesarStatus = {
  syncs: 0,
  failedSyncs: 0,
  signIns: 0,
  failures: [],
  rejected: null,
  documentsProcessed: 0,
  documentsLost: 0,
  lastSync: null,
  nextLookup: null,
  instances: [],
};

/** The status after one more event. */
export function after(status: SesarStatus, event: SesarEvent): SesarStatus {
  switch (event.event) {
    case "loaded": {
      const idle = { syncing: false, lastSync: null, nextLookup: null };
      const instances = event.instances.map((identity) => ({ ...identity, ...idle }));
      return { ...status, rejected: null, nextLookup: null, instances };
    }
    case "rejected":
      return { ...status, rejected: event.reason, nextLookup: null, instances: [] };
    case "syncStarted":
      return withInstance(status, event.configName, { syncing: true });
    case "directoryFailed":
      return afterFailure(status, event);
    case "syncEnded":
      return withInstance(afterSync(status, event), event.configName, {
        syncing: false,
        lastSync: event.at,
        nextLookup: event.nextLookup,
      });
    case "foundLost":
      return { ...status, documentsLost: status.documentsLost + event.documents };
    case "stopping":
      return { ...status, documentsLost: status.documentsLost + event.documentsLost };
  }
}

function afterFailure(status: SesarStatus, event: DirectoryFailed): SesarStatus {
  const { at, configName, code } = event;
  const failures = [...status.failures, { at, configName, code }].slice(-KEPT_FAILURES);
  return { ...status, failedSyncs: status.failedSyncs + 1, failures };
}

function afterSync(status: SesarStatus, event: SyncEnded): SesarStatus {
  return {
    ...status,
    syncs: status.syncs + (event.good ? 1 : 0),
    signIns: status.signIns + (event.signedIn ? 1 : 0),
    documentsProcessed: status.documentsProcessed + event.documents,
    lastSync: event.at,
  };
}

function withInstance(
  status: SesarStatus,
  configName: string,
  change: Partial<SesarInstanceStatus>,
): SesarStatus {
  const instances = status.instances.map((instance) =>
    instance.configName === configName ? { ...instance, ...change } : instance,
  );
  const lookups = instances.flatMap((instance) => instance.nextLookup ?? []).sort();
  return { ...status, instances, nextLookup: lookups[0] ?? null };
}
