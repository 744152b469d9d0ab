// The level of a machine's adoption: the host's word, until the sign-in log has shown its own sign-in too. What a run has
// seen stands in the outputs, since the log forgets; no run waits for the log.
import { z } from "zod";
import type { AdoptionEvidence } from "./adoption-evidence";
import type { ConsumerResult, HostOutcome } from "./outcome";
import { sameId, seenSchema } from "./sign-ins";

/** A consumer that the log has shown on a secret, as an earlier run has recorded it. */
export interface Sighting extends AdoptionEvidence {
  readonly name: string;
}

/** What is known about the level of one machine's adoption. */
export interface LevelFacts {
  /** What this run has read. */
  readonly evidence?: AdoptionEvidence | undefined;
  /** What an earlier one has recorded. */
  readonly recorded?: Sighting | undefined;
  /** Why the log does not show it. */
  readonly why?: string | undefined;
}

/** The outcome with its level: `log` once a sign-in with this very key id was seen, by this run or an earlier one. */
export function withLevel(
  outcome: HostOutcome,
  { evidence, recorded, why = ASKED_LATER }: LevelFacts,
): HostOutcome {
  if (!outcome.adopted) return outcome;
  const shown = [recorded, evidence].find((one) => sameId(one?.keyId, outcome.keyId));
  if (shown === undefined) return { ...outcome, level: "host", notSeen: why };
  return { ...outcome, level: "log", on: shown.on, seen: shown.seen };
}

/** Before the run that hands a secret over there can be no sign-in with it. */
const ASKED_LATER = "the sign-in log is asked from the next run on";

const recorded = z.object({
  name: z.string(),
  kind: z.literal("automatic"),
  adopted: z.literal(true),
  keyId: z.string(),
  level: z.literal("log"),
  on: z.iso.date(),
  seen: seenSchema,
});

/**
 * Picks what the log has shown of machines out of the output `consumers`. What an earlier release wrote has no level, or no
 * sign-in beside it: that is the host's word, and the log is asked again.
 */
export function recordedSightings(value: unknown): Sighting[] {
  const entries: unknown[] = Array.isArray(value) ? value : [];
  return entries.flatMap((entry) => {
    const { data } = recorded.safeParse(entry);
    if (data === undefined) return [];
    const { name, keyId, on, seen } = data;
    return [{ name, keyId, on, seen }];
  });
}

/** By whose word a credential's secret counts as adopted. */
export type AdoptionLevel = NonNullable<ConsumerResult["level"]>;

/**
 * The level of a whole adoption: the log's only where every consumer has it. A consumer without a level, of an earlier
 * release, has its host's word, or people's. @returns undefined while one consumer is not adopted, and without any
 */
export function adoptionLevel(
  consumers: readonly Pick<ConsumerResult, "adopted" | "level" | "kind">[],
): AdoptionLevel | undefined {
  if (consumers.length === 0 || consumers.some(({ adopted }) => !adopted)) return undefined;
  const levels = consumers.map(
    ({ level, kind }) => level ?? (kind === "automatic" ? "host" : "people"),
  );
  return (["people", "host"] as const).find((one) => levels.includes(one)) ?? "log";
}
