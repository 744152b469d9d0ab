// Whether a secret may be taken over: one that bears the credential's name in Entra and that the stack does not know. What
// the stack knows already needs no taking over, and what is written twice is written once.
import { LABEL } from "../../../src/decide/inventory";
import { UsageError } from "../usage-error";
import type { StackOutputs } from "../project/outputs";

/** What the operator says; a run's notes give the whole command. */
export interface AdoptionRequest {
  readonly keyId: string;
  readonly label: string;
  /** The instant at which the secret ends. */
  readonly ends: string;
}

/** What is to be written, or why nothing is. */
export type AdoptionDecision =
  { readonly write: true } | { readonly write: false; readonly said: string };

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @param config the stack's config by bare key */
export function decideAdoption(
  { keyId, label, ends }: AdoptionRequest,
  { history, keyIds = {} }: StackOutputs,
  config: Readonly<Record<string, unknown>>,
): AdoptionDecision {
  const as = "as the run's note gives it";
  if (!GUID.test(keyId)) throw new UsageError(`The key id must be a GUID, ${as}, got ${keyId}.`);
  if (!LABEL.test(label)) {
    throw new UsageError(`--label must be an epoch's label, such as 2026-05, ${as}, got ${label}.`);
  }
  if (Number.isNaN(Date.parse(ends))) {
    throw new UsageError(
      `--ends must be the instant at which the secret ends, ${as}, got ${ends}.`,
    );
  }
  const same = (other: string): boolean => other.toLowerCase() === keyId.toLowerCase();
  const { active, inFlight, retiring = [], skipped = [], released = [] } = history ?? {};
  const recorded = [active, inFlight, ...retiring, ...skipped, ...released].map(
    (one) => one?.keyId,
  );
  if ([...recorded, ...Object.values(keyIds)].some((one) => one !== undefined && same(one))) {
    throw new UsageError(
      `${keyId} must be a secret that the stack does not know, but it is one of its own. There is nothing to take over.`,
    );
  }
  if (Object.keys(config["adopted"] ?? {}).some(same)) {
    return { write: false, said: `${label} (key id ${keyId}) is taken over already.` };
  }
  return { write: true };
}
