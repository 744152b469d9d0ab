// What a hand-over comes to, for a machine and for people, and what of it the stack's outputs keep. No secret: a one-time
// link is kept apart, in the output `links`.
import { z } from "zod";
import type { LinkState, MadeLink } from "../contracts/one-time-link";
import type { Confirmation, ManualConsumer } from "../keyturn-config";
import type { ConsumerKind } from "../presets/preset";
import type { AdoptionEvidence } from "./adoption-evidence";
import { type SeenSignIn, seenSchema } from "./sign-ins";

/** What one consumer's hand-over came to. */
export interface ConsumerResult {
  /** The consumer's name. */
  readonly name: string;
  /** Who serves it. */
  readonly kind: ConsumerKind;
  /** The outcome: the host contract's word, or for people waiting, confirmed, seen. */
  readonly outcome: string;
  /** Whether the consumer is proven to hold the secret with `keyId`. */
  readonly adopted: boolean;
  /** The key id that the outcome is about. */
  readonly keyId: string;
  /** Whose word an adoption is: the host's proof, the sign-in log, or people's; absent without one. */
  readonly level?: "host" | "log" | "people";
  /** The key id that a host last adopted, as it says, where it did not adopt this one. */
  readonly heldKeyId?: string | null;
}

/** The outcome of a host whose report could not be read: it may hold the secret, and is asked again. */
export const UNREAD = "unread";

/** What one host transaction came to, with what an operator wants to see; no secret. */
export interface HostOutcome extends ConsumerResult {
  readonly kind: "automatic";
  readonly reason: string;
  readonly downtimeMilliseconds: number;
  readonly nextSync: string | null;
  /** Empty where the report could not be read. */
  readonly finishedAt: string;
  /** How many lines a shell's profile or the like has printed beside the report; absent where there were none. */
  readonly otherLines?: number;
  /** Of an adoption at level log: the day and the sign-in that was seen. */
  readonly on?: string;
  readonly seen?: SeenSignIn;
  /** Of an adoption at level host: why the sign-in log does not show it. */
  readonly notSeen?: string;
}

/** What a hand-over by people came to; no secret. */
export interface ManualOutcome extends ConsumerResult {
  readonly kind: ManualConsumer["kind"];
  readonly outcome: "waiting" | "confirmed" | "seen";
  readonly reason: string;
  /** What to do, line by line; empty once it is done. */
  readonly instruction: readonly string[];
  /** The day on which people or the sign-in log say that it was adopted. */
  readonly on?: string;
  /** The sign-in that was seen. */
  readonly seen?: SeenSignIn;
  /** The link's storage key, enough to ask whether it was read; without one the server cannot be asked. */
  readonly linkId?: string;
  readonly linkExpires?: string;
  readonly link?: LinkState;
  /** Whether this very run made the link. */
  readonly fresh?: boolean;
}

/** What one consumer's hand-over came to. */
export type Outcome = HostOutcome | ManualOutcome;

/** What is known about one consumer and the target's secret. */
export interface ManualFacts {
  readonly consumer: ManualConsumer;
  /** The target's epoch and key id. */
  readonly epoch: string;
  readonly keyId: string;
  /** Key id of the secret that was adopted last: its confirmation is no mistake. */
  readonly activeKeyId: string | undefined;
  /** What people said. */
  readonly confirmation: Confirmation | undefined;
  /** What the sign-in log says. */
  readonly evidence: AdoptionEvidence | undefined;
  /** What the last run said. */
  readonly last: LastOutcome | undefined;
  /** The one-time link; undefined without a server. */
  readonly link: MadeLink | undefined;
  /** What its server said at the start of the run about the link of the last one. */
  readonly asked: LinkState | undefined;
  /** Where the value is kept. */
  readonly vaultName: string;
  readonly secretName: string;
}

const lastOutcome = z.object({
  name: z.string(),
  kind: z.enum(["assisted", "handover"]),
  outcome: z.enum(["waiting", "confirmed", "seen"]),
  keyId: z.string(),
  on: z.string().optional(),
  seen: seenSchema.optional(),
  linkId: z.string().optional(),
  linkExpires: z.string().optional(),
});

/** What the last successful run said about a consumer that people serve. */
export type LastOutcome = z.infer<typeof lastOutcome>;

/** Picks the consumers that people serve out of the output `consumers`; what cannot be read was never said. */
export function lastOutcomes(value: unknown): LastOutcome[] {
  const entries: unknown[] = Array.isArray(value) ? value : [];
  return entries.flatMap((entry) => {
    const parsed = lastOutcome.safeParse(entry);
    return parsed.success ? [parsed.data] : [];
  });
}
