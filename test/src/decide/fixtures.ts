// Settings, history and key ids that the tests of the pure decisions share.
import type { History } from "../../../src/decide/history";
import type { HostOutcome } from "../../../src/decide/outcome";
import type { ScheduleConfig } from "../../../src/decide/schedule";

export const config: ScheduleConfig = {
  name: "sesar",
  anchor: "2026-05-01",
  every: "P6M",
  overlap: "P14D",
  lifetime: "P12M",
  generation: 0,
};

export const keyId = (n: number): string =>
  `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

const epoch = {
  label: "2026-05",
  start: "2026-05-01",
  generation: 0,
  endDate: "2027-05-01T00:00:00Z",
  keyId: keyId(1),
};
const successor = {
  label: "2026-11",
  start: "2026-11-01",
  generation: 0,
  endDate: "2027-11-01T00:00:00Z",
  keyId: keyId(2),
};

/** After the first deployment of `2026-05`, adopted on 20 May. */
export const firstAdopted: History = {
  version: 1,
  active: { ...epoch, adoptedOn: "2026-05-20", attempt: "1" },
  retiring: [],
  skipped: [],
  released: [],
};

/** The same with a secret that ends on 1 August. */
export const shortLived: History = {
  ...firstAdopted,
  active: { ...epoch, adoptedOn: "2026-05-20", attempt: "1", endDate: "2026-08-01T00:00:00Z" },
};

/** `2026-11` was issued on 1 November and the consumer said "not now". */
export const waiting: History = {
  ...firstAdopted,
  inFlight: { ...successor, since: "2026-11-01", attempt: "1" },
};

/** What the last run said of its consumers, each on the secret with a key id. */
export const holding = (n: number, ...names: readonly string[]): object[] =>
  names.map((name) => ({
    name,
    kind: "automatic",
    outcome: "updated",
    adopted: true,
    keyId: keyId(n),
  }));

/** `2026-11` was adopted on 3 November; `2026-05` retires. */
export const rotated: History = {
  ...firstAdopted,
  active: { ...successor, adoptedOn: "2026-11-03", attempt: "1" },
  retiring: [{ ...epoch, successorAdoptedOn: "2026-11-03" }],
};

/** The overlap is over, and the run of 18 November released `2026-05`. */
export const released: History = {
  ...rotated,
  active: { ...successor, adoptedOn: "2026-11-03", attempt: "2+asked-2026-11-18" },
  retiring: [],
  released: [{ label: "2026-05", endDate: "2027-05-01T00:00:00Z", keyId: keyId(1) }],
};

/** A machine that was given the second secret on a day, and adopted it by its host's word. */
export function updatedOn(name: string, day: string): HostOutcome {
  return {
    name,
    kind: "automatic",
    outcome: "updated",
    adopted: true,
    level: "host",
    keyId: keyId(2),
    reason: "Done.",
    downtimeMilliseconds: 80,
    nextSync: null,
    finishedAt: `${day}T08:00:00Z`,
  };
}
