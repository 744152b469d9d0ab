// Whether a consumer has a use for a one-time link: only while it waits for the secret in flight.
import type { History } from "../../../src/decide/history";
import type { ConsumerOutcome } from "../project/outputs";
import { UsageError } from "../usage-error";

/** A hand-over that waits. */
export interface LinkStanding {
  readonly name: string;
  readonly epoch: string;
  readonly keyId: string;
  readonly since: string;
  readonly reason?: string | undefined;
  readonly steps: readonly string[];
  /** The link's storage key, which does not open it. */
  readonly linkId?: string | undefined;
  /** When the link stops to open; undefined: there is none. */
  readonly expires?: string | undefined;
}

/** @throws UsageError when the consumer waits for nothing */
export function linkStanding(outcome: ConsumerOutcome, history: History | undefined): LinkStanding {
  const { name, adopted, reason, instruction = [], linkId, linkExpires } = outcome;
  const inFlight = history?.inFlight;
  if (inFlight === undefined || adopted) {
    const holds = history?.inFlight ?? history?.active;
    throw new UsageError(
      `${name} waits for nothing: it holds ${holds?.label ?? "its secret"} (key id ${holds?.keyId ?? "unknown"}). There is no link to show or to make.`,
    );
  }
  const { label: epoch, keyId, since } = inFlight;
  return {
    name,
    epoch,
    keyId,
    since,
    reason,
    linkId,
    steps: instruction,
    expires: linkExpires,
  };
}
