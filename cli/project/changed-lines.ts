// What changed in a text, as lines: removed ones with "-", added ones with "+". For files of some hundred lines.

/** @returns the lines that differ, in order; none when the texts are equal */
export function changedLines(before: string, after: string): string[] {
  const from = before.split(/\r?\n/);
  const to = after.split(/\r?\n/);
  const common = commonLengths(from, to);
  const length = (i: number, j: number): number => common[i]?.[j] ?? 0;
  const changes: string[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    if (i < from.length && j < to.length && from[i] === to[j]) [i, j] = [i + 1, j + 1];
    else if (i < from.length && length(i + 1, j) >= length(i, j + 1))
      changes.push(`- ${from[i++] ?? ""}`);
    else changes.push(`+ ${to[j++] ?? ""}`);
  }
  return changes;
}

/** For each pair of places, how many lines the rests have in common. */
function commonLengths(from: readonly string[], to: readonly string[]): number[][] {
  const lengths = Array.from({ length: from.length + 1 }, () =>
    Array<number>(to.length + 1).fill(0),
  );
  for (let i = from.length - 1; i >= 0; i -= 1) {
    for (let j = to.length - 1; j >= 0; j -= 1) {
      const next = lengths[i + 1] ?? [];
      const row = lengths[i] ?? [];
      row[j] = from[i] === to[j] ? (next[j + 1] ?? 0) + 1 : Math.max(next[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return lengths;
}
