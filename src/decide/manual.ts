// A consumer that people serve: whether it is adopted, by whose word, and what people are to do until then.
// No secret: the one-time link is kept apart, in the output `links`.
import { instructionOf } from "./instruction";
import type { ManualFacts, ManualOutcome } from "./outcome";

/** What the hand-over came to: waiting, unless people or the sign-in log name the target's own key id. */
export function manualOutcome(facts: ManualFacts): ManualOutcome {
  const { consumer, epoch, keyId, confirmation, evidence, last } = facts;
  const { name, kind } = consumer;
  const ours = (other: { readonly keyId: string } | undefined): boolean =>
    other?.keyId.toLowerCase() === keyId.toLowerCase();
  const done = { name, kind, adopted: true, keyId, instruction: [] };
  if (confirmation !== undefined && ours(confirmation)) {
    const { on } = confirmation;
    return {
      ...done,
      outcome: "confirmed",
      level: "people",
      on,
      reason: `Holds ${epoch}, confirmed on ${on}.`,
    };
  }
  // The log forgets; the outputs do not.
  const { on, seen } =
    (ours(evidence) ? evidence : last?.outcome === "seen" && ours(last) ? last : undefined) ?? {};
  if (on !== undefined) {
    const reason = `Signed in with ${epoch} on ${on}, says the sign-in log, and no more with the former secret.`;
    return { ...done, outcome: "seen", level: "log", on, ...(seen && { seen }), reason };
  }
  const link = linkOf(facts);
  return {
    name,
    kind,
    outcome: "waiting",
    adopted: false,
    keyId,
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
