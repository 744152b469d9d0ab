// What Entra's sign-in log holds, and whose sign-ins with a secret count: pure readings that adoption, release and the
// inventory share.
import { z } from "zod";
import { plainAddress } from "../addresses";
import { proofRequestId } from "../contracts/prove";

/** One entry of the sign-in log. */
export interface SignIn {
  readonly at: string;
  /** Key id of the secret that was used; absent when none matched. */
  readonly keyId: string | undefined;
  readonly ipAddress: string;
  /** Entra's own id of the sign-in, the portal's "Request ID"; empty where the log shows none. */
  readonly requestId: string;
  /** What the client called its request; our own proof's is known, where Entra shows it. */
  readonly correlationId: string;
  /** What the token was for, by name; empty where the log shows none. */
  readonly resource: string;
  readonly ok: boolean;
}

/** A sign-in as the outputs keep it, enough to find it in the portal. */
export const seenSchema = z.object({ at: z.string(), address: z.string(), requestId: z.string() });

export type SeenSignIn = z.infer<typeof seenSchema>;

/** The last use of a secret, as Entra's report of credentials tells it: by whom and from where it does not say. */
export interface ReportedUse {
  readonly keyId: string;
  readonly at: string;
  readonly requestId: string;
}

/** What the report says of an application's secrets, or why it says nothing. */
export type CredentialActivity =
  | { readonly uses: readonly ReportedUse[] }
  | { readonly uses: undefined; readonly state: UnreadState; readonly why: string };

/** The entries since the first day that was asked for, newest first. */
export interface LogRead {
  readonly entries: readonly SignIn[];
  /** Whether these are all. */
  readonly complete: boolean;
  /** Why they are not, where something other than their number is the reason. */
  readonly why?: string;
  /** The report that was asked beside them, where they are not all and a former secret is in question. */
  readonly activity?: CredentialActivity;
}

/** Why nothing of the log was read. */
export type UnreadState =
  "off" | "notAsked" | "rightMissing" | "licenceMissing" | "throttled" | "unread";

/** What was read of the log, or why nothing is known of it. */
export type LogContents =
  LogRead | { readonly entries: undefined; readonly state?: UnreadState; readonly why: string };

/** A log that nobody had to ask. */
export const NOT_ASKED: LogContents = {
  entries: undefined,
  state: "notAsked",
  why: "the sign-in log was not asked",
};

/** What the outputs keep of a sign-in. */
export function seenSignIn({ at, ipAddress, requestId }: SignIn): SeenSignIn {
  return { at, address: plainAddress(ipAddress), requestId };
}

/** What the log remembers with Entra ID P1 or P2; without one of these it cannot be read. */
export const LOG_KEEPS_DAYS = 30;

/** When our proof of a secret signed in, from the first to the last time, by Entra's own clock. */
export interface ProofSpan {
  readonly keyId: string;
  readonly from: string;
  readonly until: string;
}

/** Successful sign-ins with a secret, other than our own proof's; oldest first. @param spans when our proofs were */
export function usesOf(
  signIns: readonly SignIn[],
  keyId: string,
  spans: readonly ProofSpan[] = [],
): SignIn[] {
  const isProof = ownProof(signIns, keyId, spans);
  return signIns
    .filter((one) => one.ok && sameId(one.keyId, keyId) && !isProof(one))
    .sort((a, b) => instantOf(a) - instantOf(b));
}

/**
 * Whether an entry is our own proof's: it bears the proof's request id; or, where Entra shows another one, it comes from an
 * address of the runner's while the proof signed in. The runner's addresses are those of the entries that bear the id of any
 * proof, and of the very first sign-in with the secret, if that lies in the proof: nobody else had the value then.
 */
export function ownProof(
  signIns: readonly SignIn[],
  keyId: string,
  spans: readonly ProofSpan[] = [],
): (entry: SignIn) => boolean {
  const isNamedProof = namedProofs();
  const during = spans
    .filter((span) => sameId(span.keyId, keyId))
    .sort((a, b) => Date.parse(a.from) - Date.parse(b.from));
  if (during.length === 0) return (entry) => isNamedProof(entry, keyId);
  const first = signIns
    .filter((one) => one.ok && sameId(one.keyId, keyId))
    .reduce<SignIn | undefined>(
      (oldest, one) => (oldest && instantOf(oldest) <= instantOf(one) ? oldest : one),
      undefined,
    );
  const named = signIns.filter((one) => isNamedProof(one, one.keyId ?? ""));
  const ours = first && isWithin(first, during.slice(0, 1)) ? [...named, first] : named;
  const runners = new Set(ours.map(({ ipAddress }) => plainAddress(ipAddress)));
  return (entry) =>
    isNamedProof(entry, keyId) ||
    (sameId(entry.keyId, keyId) &&
      runners.has(plainAddress(entry.ipAddress)) &&
      isWithin(entry, during));
}

/** Whether an entry bears the id of a key id's proof. An id is a hash: made once a key id, not once an entry. */
function namedProofs(): (entry: SignIn, keyId: string) => boolean {
  const made = new Map<string, string>();
  return ({ correlationId }, keyId) => {
    const id = made.get(keyId) ?? proofRequestId(keyId);
    made.set(keyId, id);
    return sameId(correlationId, id);
  };
}

/** The log's instants and the answers' differ by moments. */
const SLACK_MILLISECONDS = 60_000;

function isWithin(entry: SignIn, spans: readonly ProofSpan[]): boolean {
  const at = instantOf(entry);
  return spans.some(
    ({ from, until }) =>
      at >= Date.parse(from) - SLACK_MILLISECONDS && at <= Date.parse(until) + SLACK_MILLISECONDS,
  );
}

/** Whether two ids are the same, in whatever letters they are written. */
export function sameId(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}

/** When it was, in milliseconds. */
export function instantOf({ at }: Pick<SignIn, "at">): number {
  return Date.parse(at);
}

/** Time and address of a sign-in, in words. */
export function whenAndWhere({ at, ipAddress }: Pick<SignIn, "at" | "ipAddress">): string {
  return `at ${at.slice(0, MINUTE)}Z from ${ipAddress === "" ? "an unknown address" : ipAddress}`;
}

const MINUTE = "2026-05-01T00:00".length;
