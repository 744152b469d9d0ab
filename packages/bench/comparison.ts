// A measurement: a thing of ours and its reference, sampled in turn in one run, so that whatever else the machine
// does disturbs both alike.

/** One side of a comparison. */
export interface Side {
  readonly title: string;
  /** Takes one sample, in milliseconds. */
  readonly sample: () => Promise<number>;
}

export interface Comparison {
  /** Name on the command line, which words may follow. */
  readonly name: string;
  /** What is measured, as a heading. */
  readonly title: string;
  readonly ours: Side;
  readonly reference: Side;
  /** The ratio of the medians must not be larger. */
  readonly target: number;
  /** What the numbers do not say. */
  readonly caveat: string;
}

/** A comparison that was carried out. */
export interface Measured {
  readonly name: string;
  readonly title: string;
  readonly target: number;
  readonly caveat: string;
  readonly ours: Series;
  readonly reference: Series;
}

export interface Series {
  readonly title: string;
  /** Milliseconds, in the order taken. */
  readonly samples: readonly number[];
}

/** Whether a comparison is one of those that the names ask for: "downtime of update.ps1" is of "downtime". */
export function isOf(names: readonly string[], { name }: Pick<Comparison, "name">): boolean {
  return names.some((each) => name === each || name.startsWith(`${each} `));
}

/**
 * Takes one pair that does not count, so that caches are warm, then the others: ours, reference, ours, reference.
 * @param onSample told after each sample: how many of how many
 */
export async function measure(
  { name, title, target, caveat, ours, reference }: Comparison,
  pairs: number,
  onSample: (done: number, all: number) => void,
): Promise<Measured> {
  const taken: { ours: number; reference: number }[] = [];
  const all = 2 * (pairs + 1);
  for (let pair = 0; pair <= pairs; pair++) {
    const first = await ours.sample();
    onSample(2 * pair + 1, all);
    const second = await reference.sample();
    onSample(2 * pair + 2, all);
    if (pair > 0) taken.push({ ours: first, reference: second });
  }
  return {
    name,
    title,
    target,
    caveat,
    ours: { title: ours.title, samples: taken.map((pair) => pair.ours) },
    reference: { title: reference.title, samples: taken.map((pair) => pair.reference) },
  };
}
