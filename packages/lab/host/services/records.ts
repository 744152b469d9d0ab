// What the service manager remembers of a service: each interruption, who asked for it, and what it cost.

export type ServiceState = "running" | "stopped";

/** One time that the service was not there. */
export interface ServiceStop {
  /** ISO instant at which the stop was asked for, or at which the process was found gone. */
  readonly stoppedAt: string;
  readonly stoppedBy: string;
  /** "stop" was asked for; "exit" is the process's own end or somebody's kill. */
  readonly cause: "stop" | "exit";
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
  /** ISO instant at which the service ran again; null while it does not. */
  startedAt: string | null;
  startedBy: string | null;
  downtimeMs: number | null;
  /** Whether the stop came in the middle of a sync. */
  midSync: boolean;
  documentsLost: number;
}

/** A start or stop that the manager could not do, and why. */
export interface ServiceRefusal {
  readonly at: string;
  readonly verb: "start" | "stop";
  readonly by: string;
  readonly reason: string;
}

/** What a service says of its own end, just before it ends. */
export interface ServiceFarewell {
  readonly midSync: boolean;
  readonly documentsLost: number;
}

export const SILENT_END: ServiceFarewell = { midSync: false, documentsLost: 0 };

/** Faults of the service itself that a test can set. */
export interface ServiceFaults {
  /** The service ignores every request to stop. @default false */
  readonly refuseStop?: boolean;
  /** The process ends this many milliseconds after it is up; every time, until this is taken away. */
  readonly dieAfterStartMs?: number;
  /** The next process that starts, and only that, ends when it has done its work once: nothing is lost. @default false */
  readonly dieBetweenSyncs?: boolean;
  /** Starting is refused, as for a service whose start type is disabled. @default false */
  readonly disabled?: boolean;
  /** Milliseconds that the service takes before it reacts to a stop. @default 0 */
  readonly slowStopMs?: number;
  /** A stop leaves the process at its work, unseen by the manager, until this is taken away. @default false */
  readonly leavesProcess?: boolean;
}
