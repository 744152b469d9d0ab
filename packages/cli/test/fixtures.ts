// A stack as its outputs tell it, for tests of what the commands decide.
import type { History } from "../../../src/decide/history";
import type { ConsumerOutcome, StackOutputs } from "../project/outputs";

export const KEY_IDS = {
  first: "11111111-1111-4111-8111-111111111111",
  second: "22222222-2222-4222-8222-222222222222",
  third: "33333333-3333-4333-8333-333333333333",
} as const;

export const FIRST = {
  label: "2026-05",
  start: "2026-05-01",
  generation: 0,
  endDate: "2027-05-01T00:00:00Z",
  keyId: KEY_IDS.first,
} as const;

export const SECOND = {
  label: "2026-11",
  start: "2026-11-01",
  generation: 0,
  endDate: "2027-11-01T00:00:00Z",
  keyId: KEY_IDS.second,
} as const;

/** The second epoch is in flight; the first is held. */
export const IN_FLIGHT: History = {
  version: 1,
  active: { ...FIRST, adoptedOn: "2026-05-01", attempt: "1" },
  inFlight: { ...SECOND, since: "2026-11-01", attempt: "1" },
  retiring: [],
  skipped: [],
  released: [],
};

/** The second epoch is held; the first retires. */
export const SETTLED: History = {
  version: 1,
  active: { ...SECOND, adoptedOn: "2026-11-01", attempt: "1" },
  retiring: [{ ...FIRST, successorAdoptedOn: "2026-11-01" }],
  skipped: [],
  released: [],
};

export const SESAR: ConsumerOutcome = {
  name: "sesar",
  kind: "automatic",
  outcome: "updated",
  adopted: true,
  keyId: KEY_IDS.second,
};

export const CI_SYNC: ConsumerOutcome = {
  name: "ci-sync",
  kind: "assisted",
  outcome: "waiting",
  adopted: false,
  keyId: KEY_IDS.second,
  reason: "Waits for the administrator to put in the secret of 2026-11.",
  instruction: ["Read the new value.", "Put it in.", "Say that it is done."],
};

/** @param changes outputs that differ */
export function outputsOf(
  history: History | undefined,
  changes: Partial<StackOutputs> = {},
): StackOutputs {
  return {
    tenantId: "44444444-4444-4444-8444-444444444444",
    clientId: "55555555-5555-4555-8555-555555555555",
    consumers: [SESAR, CI_SYNC],
    reason: "sesar: 41 days until rotation",
    nextRotation: "2027-05-01",
    foreignSecrets: [],
    orphans: [],
    notes: [],
    ...changes,
    history,
  };
}
