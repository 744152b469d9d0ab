// How much memory a process group takes at its peak: Node.js does not tell it about children, so
// the group is looked at in short intervals, where the system has /proc.
import { readFileSync, readdirSync } from "node:fs";

const intervalMilliseconds = 250;
const pageBytes = 4096;

/** The bytes resident in memory of all processes of the group together; 0 where unknown. */
export function groupMemory(group: number): number {
  let total = 0;
  for (const entry of entries()) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      // After the name in parentheses: state, parent, group, ...; 24th of all is the resident set.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (Number(fields[2]) === group) total += Number(fields[21]) * pageBytes;
    } catch {
      // The process has ended since the folder was listed.
    }
  }
  return total;
}

/** Watches a process group; the function given back ends that and says the peak in bytes. */
export function watchMemory(group: number): () => number {
  let peak = groupMemory(group);
  const timer = setInterval(() => {
    peak = Math.max(peak, groupMemory(group));
  }, intervalMilliseconds);
  timer.unref();
  return () => {
    clearInterval(timer);
    return peak;
  };
}

function entries(): readonly string[] {
  try {
    return readdirSync("/proc");
  } catch {
    return [];
  }
}
