// Where random numbers come from: the machine's generator, or a seed, which always gives the same.
import { createHash, randomInt } from "node:crypto";

/** An integer from 0 up to, and not including, `limit`. */
export type Source = (limit: number) => number;

export const machineSource: Source = (limit) => randomInt(limit);

/** The plugin's own seeded results differ; what is kept is that a seed decides the result. */
export function seededSource(seed: string): Source {
  let counter = 0;
  return (limit) => {
    counter += 1;
    const digest = createHash("sha256").update(`${counter}:${seed}`).digest();
    return Number(digest.readBigUInt64BE() % BigInt(limit));
  };
}

export function shuffled<T>(list: readonly T[], source: Source): T[] {
  const result = [...list];
  for (let last = result.length - 1; last > 0; last--) {
    const other = source(last + 1);
    const [one, two] = [result[last], result[other]];
    if (one === undefined || two === undefined) continue;
    [result[last], result[other]] = [two, one];
  }
  return result;
}
