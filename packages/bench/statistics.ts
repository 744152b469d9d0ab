// What a series of samples comes to, and two series against each other. Pure.

/** Smallest, middle and largest of a series. */
export interface Spread {
  readonly minimum: number;
  readonly median: number;
  readonly maximum: number;
}

/** One series over another. */
export interface Ratio {
  /** Median over median: what a user feels. */
  readonly ofMedians: number;
  /** Minimum over minimum: what is left when the machine's other work disturbs least. */
  readonly ofMinima: number;
}

/** @throws RangeError for a series without a sample */
export function spread(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b);
  const [minimum] = sorted;
  const maximum = sorted.at(-1);
  if (minimum === undefined || maximum === undefined) {
    throw new RangeError("A series must have a sample.");
  }
  const upper = sorted[Math.floor(sorted.length / 2)] ?? maximum;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? minimum;
  return { minimum, median: (lower + upper) / 2, maximum };
}

export function ratio(measured: Spread, reference: Spread): Ratio {
  return {
    ofMedians: measured.median / reference.median,
    ofMinima: measured.minimum / reference.minimum,
  };
}
