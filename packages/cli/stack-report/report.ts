// A report as data: what it is made from, and what it says. Nothing secret.
import type { SecretInEntra, StackOutputs } from "../project/outputs";
import type { LastRun } from "../stack";
import type { SecretRow } from "./secrets";

/** What the report is made from. */
export interface ReportFacts {
  readonly stack: string;
  readonly outputs: StackOutputs;
  /** The config by bare key, secrets left out. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly now: Date;
  readonly lastRun: LastRun | undefined;
}

export interface ConsumerRow {
  readonly name: string;
  readonly kind: string;
  readonly outcome: string;
  readonly adopted: boolean;
  readonly keyId: string;
  /** The day since which it does not hold the secret in flight. */
  readonly waitingSince?: string;
  readonly reason?: string;
  /** By whose word it is adopted, and what was or was not seen of it. */
  readonly proof?: string;
  /** What people are to do, line by line. */
  readonly todo: readonly string[];
  /** Whether its one-time link was read, at the last run. */
  readonly link?: string;
}

/** A secret of the application that this stack does not hold. */
export interface StrangerRow extends SecretInEntra {
  readonly ageDays?: number;
}

/** The report; `--json` prints it as it is. */
export interface StackReport {
  readonly stack: string;
  readonly credential: string;
  readonly day: string;
  readonly tenantId?: string;
  readonly clientId?: string;
  readonly lastRun?: LastRun;
  /** The last successful run's own words. */
  readonly reason?: string;
  readonly nextRotation?: { readonly on: string; readonly inDays: number };
  readonly secrets: readonly SecretRow[];
  readonly consumers: readonly ConsumerRow[];
  readonly foreignSecrets: readonly StrangerRow[];
  readonly orphans: readonly StrangerRow[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  /** Outputs that the last run's program did not write. */
  readonly notRecorded: readonly string[];
}
