// In what state a run found Entra's sign-in log, in words: none of them is an error of the rotation, and each says what
// would make it another one.
import type { CredentialActivity, LogContents, UnreadState } from "./sign-ins";

/** How much of the log a run knows; `partlyRead`: its newest entries only. */
export type LogState = "read" | "partlyRead" | UnreadState;

/** What the output `signInLog` says. */
export interface LogStanding {
  readonly state: LogState;
  /** Why not all of it was read, and what to do; absent once all was. */
  readonly why?: string;
  /** How the report of credentials was found, where it was asked instead of the rest of the log. */
  readonly report?: { readonly state: "read" | UnreadState; readonly why?: string };
}

/** What Graph answered instead of entries; a status of 0 is none at all. */
export interface LogRefusal {
  readonly status: number;
  /** Graph's own code. */
  readonly code: string;
}

/** Which state a refusal is. */
export function refusedState({ status, code }: LogRefusal): UnreadState {
  if (status === TOO_MANY) return "throttled";
  if (status !== FORBIDDEN) return "unread";
  return /NonPremiumTenant/.test(code) ? "licenceMissing" : "rightMissing";
}

/** What an operator does about a state. */
export function logRemedy(state: UnreadState): string {
  return REMEDIES[state];
}

/** The log as a run found it. */
export function logStanding(contents: LogContents): LogStanding {
  if (contents.entries === undefined) {
    return { state: contents.state ?? "unread", why: contents.why };
  }
  if (contents.complete) return { state: "read" };
  const { why = MORE_THAN_ONE_RUN_READS, activity } = contents;
  return { state: "partlyRead", why, ...(activity && { report: reportStanding(activity) }) };
}

function reportStanding(activity: CredentialActivity): NonNullable<LogStanding["report"]> {
  if (activity.uses !== undefined) return { state: "read" };
  return { state: activity.state, why: activity.why };
}

/** Why a log is read in part where nothing went wrong. */
export const MORE_THAN_ONE_RUN_READS = "the sign-in log has more entries than one run reads";

const NEXT_RUN = "The next run asks again.";
const REMEDIES: Readonly<Record<UnreadState, string>> = {
  off: "Set signInLog to true to have it asked.",
  notAsked: "There was nothing to ask.",
  rightMissing:
    "Consent to AuditLog.Read.All for the deploying identity, or set signInLog to false.",
  licenceMissing: "It needs a tenant with Entra ID P1 or P2; without one set signInLog to false.",
  throttled: NEXT_RUN,
  unread: NEXT_RUN,
};
const FORBIDDEN = 403;
const TOO_MANY = 429;
