// When a secret that was handed over may go: what the last run recorded of each consumer, and what the consumers answer in
// the run that removes it. A host may be put back from a snapshot at any time, and another consumer may still hold it.
import { z } from "zod";
import type { Confirmation } from "../keyturn-config";
import type { History } from "./history";
import type { ConsumerResult } from "./outcome";
import type { Plan } from "./run-plan";

const recorded = z.object({
  name: z.string(),
  outcome: z.string(),
  adopted: z.boolean(),
  keyId: z.string(),
});

/** Who holds the secret, as config has it. */
export interface ConfiguredConsumers {
  readonly consumers: readonly { readonly name: string }[];
  readonly confirmations: Readonly<Record<string, Confirmation>>;
}

/**
 * The configured consumers of which the output `consumers` of the last run does not say that they hold the active secret:
 * added or renamed since, or a confirmation that was taken back. What cannot be read was never said.
 */
export function unprovenConsumers(
  { consumers, confirmations }: ConfiguredConsumers,
  history: History | undefined,
  lastConsumers: unknown,
): string[] {
  const active = history?.active;
  const last: unknown[] = Array.isArray(lastConsumers) ? lastConsumers : [];
  const holders = last.flatMap((entry) => {
    const { data } = recorded.safeParse(entry);
    if (data === undefined || active === undefined || !data.adopted) return [];
    // The word of people stands as long as config says it.
    const said = data.outcome === "confirmed" ? confirmations[data.name] : data;
    return same(data.keyId, active.keyId) && same(said?.keyId, active.keyId) ? [data.name] : [];
  });
  return consumers.map(({ name }) => name).filter((name) => !holders.includes(name));
}

/**
 * The history to plan from: as long as a consumer is not recorded on the active secret, what was released retires again,
 * so that it stays declared, and only a run in which every consumer answers releases it.
 */
export function takeBackReleased(
  history: History | undefined,
  unproven: readonly string[],
  today: string,
): History | undefined {
  if (history === undefined || unproven.length === 0 || history.released.length === 0) {
    return history;
  }
  const successorAdoptedOn = history.active?.adoptedOn ?? today;
  const back = history.released.map((password) => ({ ...password, successorAdoptedOn }));
  return { ...history, retiring: [...history.retiring, ...back], released: [] };
}

/**
 * Why a run may not remove what it left out: a consumer answers that it holds neither the active secret nor the target's.
 * The run must fail then, since only a failed program keeps the engine from its last phase.
 */
export function removalProblem(
  { name, target, released, history }: Plan,
  keyIds: Readonly<Record<string, string>>,
  consumers: readonly ConsumerResult[],
): string | undefined {
  if (released.length === 0) return undefined;
  const active = history?.active;
  const holds = ({ kind, adopted, keyId, heldKeyId }: ConsumerResult): boolean => {
    if (adopted) return same(keyId, keyIds[target.label]);
    // People who are asked for the next secret were recorded on the active one.
    if (kind !== "automatic") return target.label !== active?.label;
    return same(heldKeyId, active?.keyId);
  };
  const late = consumers.filter((one) => !holds(one));
  if (late.length === 0) return undefined;
  const who = late.map(({ name: host, outcome, heldKeyId }) => {
    const what =
      typeof heldKeyId !== "string" ? "holds no known secret" : `holds key id ${heldKeyId}`;
    return `${host} (${outcome}, ${what})`;
  });
  return (
    `${name}: every consumer must hold the secret of ${active?.label ?? target.label} before ${released.join(", ")} is removed, ` +
    `but these do not: ${who.join(", ")}. Nothing was removed. A host that was put back from a snapshot is brought the secret ` +
    "again as soon as a moment is safe: the next day's run asks again, or raise the consumer's retry to ask at once."
  );
}

function same(one: string | null | undefined, other: string | undefined): boolean {
  return typeof one === "string" && one.toLowerCase() === other?.toLowerCase();
}
