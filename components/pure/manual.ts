// A consumer that people serve: whether it is adopted, by whose word, and what people are to do until then.
// No secret: the one-time link is kept apart, in the output `links`.
import { z } from "zod";
import type { HostOutcome } from "./host-fields";
import { instructionOf } from "./instruction";
import type { ConsumerResult } from "./record";
import type { Confirmation, ManualConsumer } from "./settings";

/** Whether a one-time link was opened, as far as its server can say. */
export type LinkState = "unread" | "read or expired" | "not known";

/** What a hand-over by people came to; no secret. */
export interface ManualOutcome extends ConsumerResult {
  readonly kind: ManualConsumer["kind"];
  readonly outcome: "waiting" | "confirmed" | "seen";
  readonly reason: string;
  /** What to do, line by line; empty once it is done. */
  readonly instruction: readonly string[];
  /** The day on which people or the sign-in log say that it was adopted. */
  readonly on?: string;
  /** The link's storage key, enough to ask whether it was read; without one the server cannot be asked. */
  readonly linkId?: string;
  readonly linkExpires?: string;
  readonly link?: LinkState;
  /** Whether this very run made the link. */
  readonly fresh?: boolean;
}

/** What one consumer's hand-over came to. */
export type Outcome = HostOutcome | ManualOutcome;

/** A one-time link, without what opens it. */
export interface MadeLink {
  readonly linkId?: string | undefined;
  readonly expires: string;
}

const lastOutcome = z.object({
  name: z.string(),
  kind: z.enum(["assisted", "handover"]),
  outcome: z.enum(["waiting", "confirmed", "seen"]),
  keyId: z.string(),
  on: z.string().optional(),
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
  readonly sighting: Confirmation | undefined;
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

/** What the hand-over came to: waiting, unless people or the sign-in log name the target's own key id. */
export function manualOutcome(facts: ManualFacts): ManualOutcome {
  const { consumer, epoch, keyId, confirmation, sighting, last } = facts;
  const { name, kind } = consumer;
  const ours = (other: { readonly keyId: string } | undefined): boolean =>
    other?.keyId.toLowerCase() === keyId.toLowerCase();
  const done = { name, kind, adopted: true, keyId, instruction: [] };
  if (confirmation !== undefined && ours(confirmation)) {
    const { on } = confirmation;
    return { ...done, outcome: "confirmed", on, reason: `Holds ${epoch}, confirmed on ${on}.` };
  }
  // The log forgets; the outputs do not.
  const on = ours(sighting)
    ? sighting?.on
    : last?.outcome === "seen" && ours(last)
      ? last.on
      : undefined;
  if (on !== undefined) {
    const reason = `Signed in with ${epoch} on ${on}, says the sign-in log.`;
    return { ...done, outcome: "seen", on, reason };
  }
  const link = linkOf(facts);
  return {
    ...{ name, kind, outcome: "waiting", adopted: false, keyId },
    reason: `Waiting for ${consumer.handOver.recipient} to put in the secret of ${epoch}.`,
    instruction: instructionOf(facts, link.link),
    ...link,
  };
}

function linkOf({
  link,
  last,
  asked,
}: ManualFacts): Pick<ManualOutcome, "link" | "linkId" | "linkExpires" | "fresh"> {
  if (link === undefined) return {};
  const fresh = link.expires !== last?.linkExpires;
  const state = fresh ? "unread" : (asked ?? "not known");
  const known = link.linkId === undefined ? {} : { linkId: link.linkId };
  return { ...known, linkExpires: link.expires, link: state, ...(fresh && { fresh }) };
}
