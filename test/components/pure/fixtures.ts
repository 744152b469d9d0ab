// Settings, history and key ids that the tests of the pure decisions share.
import type { History } from "../../../components/pure/history";
import type { ScheduleSettings } from "../../../components/pure/schedule";

export const settings: ScheduleSettings = {
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

/** `2026-11` was adopted on 3 November; `2026-05` retires. */
export const rotated: History = {
  ...firstAdopted,
  active: { ...successor, adoptedOn: "2026-11-03", attempt: "1" },
  retiring: [{ ...epoch, successorAdoptedOn: "2026-11-03" }],
};
