// When our own proofs signed in, as runs have recorded it: the sign-in log shows their sign-ins among everybody's, and does
// not always show the request id by which they are known.
import { z } from "zod";
import { type ProofSpan, sameId } from "./sign-ins";

const span = z.object({
  keyId: z.guid(),
  from: z.iso.datetime({ offset: true }),
  until: z.iso.datetime({ offset: true }),
});

/** A secret that is proven again, as after a change of its permissions, has a few. */
const MOST_PER_SECRET = 10;

/** Picks the spans out of the output `proofs`; what cannot be read was never said. */
export function recordedProofs(value: unknown): ProofSpan[] {
  const entries: unknown[] = Array.isArray(value) ? value : [];
  return entries.flatMap((entry) => span.safeParse(entry).data ?? []);
}

/**
 * What a run records: the spans of the secrets that it declares, those that were known and its own. The first of each secret is
 * kept: in it nobody but the runner had the value. @param latest undefined of a proof that an earlier release made
 */
export function keptProofs(
  before: readonly ProofSpan[],
  latest: ProofSpan | undefined,
  keyIds: readonly string[],
): ProofSpan[] {
  const isKnown = before.some((one) => latest !== undefined && isSame(one, latest));
  const all = latest === undefined || isKnown ? before : [...before, latest];
  return keyIds.flatMap((keyId) => {
    const own = all.filter((one) => sameId(one.keyId, keyId));
    return own.length > MOST_PER_SECRET
      ? [...own.slice(0, 1), ...own.slice(1 - MOST_PER_SECRET)]
      : own;
  });
}

function isSame(one: ProofSpan, other: ProofSpan): boolean {
  return sameId(one.keyId, other.keyId) && one.from === other.from;
}
