// What "rotate now" and "break the glass" write into the config, and when they are refused. A generation that was
// used before would bring an old secret back, so that the next one is above all that the history names.
import type { History } from "../../../src/decide/history";
import type { StackOutputs } from "../project/outputs";
import { UsageError } from "../usage-error";

/** What is to be written, or why nothing is. */
export type RotationDecision =
  | { readonly raise: true; readonly generation: number; readonly givesUp: string | undefined }
  | { readonly raise: false; readonly said: string };

/** @param generation the one that the config has */
export function decideRotation(
  { history }: StackOutputs,
  generation: number,
  options: { readonly supersede?: boolean; readonly breakGlass?: boolean },
): RotationDecision {
  if (history === undefined) throw new UsageError(NEVER_RUN);
  const { active, inFlight } = history;
  const used = highestGeneration(history);
  if (generation > used) {
    const said = `The generation was raised to ${generation} already, and no run since has taken it up: the next run rotates.`;
    return { raise: false, said };
  }
  if (inFlight !== undefined && !options.supersede && !options.breakGlass) {
    throw new UsageError(
      `A rotation${active ? ` from ${active.label}` : ""} to ${inFlight.label} is in flight since ${inFlight.since} (key id ${inFlight.keyId}): ` +
        "every run goes on with it until all consumers hold it. See `keyturn report` for who does not. " +
        `If ${inFlight.label} itself must go, \`keyturn rotate-now --supersede\` gives it up and issues another; whoever holds it already gets that one too.`,
    );
  }
  return { raise: true, generation: used + 1, givesUp: inFlight?.label };
}

/** The highest generation of every epoch in the history; labels say it where the record does not. */
export function highestGeneration(history: History): number {
  const { active, inFlight, retiring, skipped, released } = history;
  const epochs = [...(active ? [active] : []), ...(inFlight ? [inFlight] : [])];
  const labelled = [...epochs, ...retiring, ...skipped, ...released].map(({ label }) =>
    Number(/-g(\d+)$/.exec(label)?.[1] ?? 0),
  );
  return Math.max(0, ...epochs.map((epoch) => epoch.generation), ...labelled);
}

/** Why the overlap may not be put back yet; undefined when it may. */
export function endBreakGlassProblem(
  { history }: StackOutputs,
  generation: number,
): string | undefined {
  if (history === undefined) return undefined;
  const waits = "Run pulumi up";
  if (generation > highestGeneration(history)) {
    return `the rotation has not begun. ${waits}`;
  }
  if (history.inFlight !== undefined) {
    return `${history.inFlight.label} is not adopted by every consumer. See \`keyturn report\` for who does not hold it, then run pulumi up`;
  }
  const [former] = history.retiring;
  if (former === undefined) return undefined;
  return `${former.label} (key id ${former.keyId}) is not released yet. ${waits}`;
}

const NEVER_RUN =
  "This stack has issued no secret yet, so that there is nothing to rotate. Run pulumi up: it issues the first one.";
