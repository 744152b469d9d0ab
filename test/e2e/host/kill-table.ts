// The kill table: the phases of the host's transaction, the faults that strike at each, and docs/kill-table.md.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CLONE } from "../../../cli/clone";

/** What can be seen of a transaction from outside, on the host's disk and in its list of processes. */
export interface Sight {
  /** The journal's phase, of this transaction's key id. */
  readonly phase: string;
  /** Whether the journal has the key id as adopted. */
  readonly adopted: boolean;
  /** Whether the dead-man switch is there. */
  readonly armed: boolean;
  /** Whether the new file lies ready, complete. */
  readonly staged: boolean;
  /** Whether the new file is in place, and the service has not re-encrypted it yet. */
  readonly swapped: boolean;
  /** Whether the service's former process is there. */
  readonly running: boolean;
  /** What the script asks of the service manager just now ("stop", "start", "status"), else its program, or nothing. */
  readonly asks: string;
}

/** One row of the table: a boundary of the transaction. */
export interface Row {
  readonly name: string;
  readonly reached: (sight: Sight) => boolean;
  /** Whether the transaction restores; the service does not keep running then. */
  readonly restores?: boolean;
}

export const ROWS: readonly Row[] = [
  { name: "waiting", reached: ({ phase, armed }) => phase === "waiting" && !armed },
  { name: "armed", reached: ({ phase, armed, staged }) => phase === "waiting" && armed && !staged },
  { name: "prepared", reached: ({ phase, staged }) => phase === "waiting" && staged },
  {
    name: "stopping",
    reached: ({ phase, asks, running }) => phase === "stopping" && asks === "stop" && running,
  },
  {
    name: "stopped",
    reached: ({ phase, running, staged }) => phase === "stopping" && !running && staged,
  },
  {
    name: "swapped",
    reached: ({ phase, swapped, asks }) => phase === "stopping" && swapped && /^(mv)?$/.test(asks),
  },
  { name: "starting", reached: ({ phase, asks }) => phase === "stopping" && asks === "start" },
  { name: "proving", reached: ({ phase }) => phase === "proving" },
  { name: "restoring", reached: ({ phase }) => phase === "restoring", restores: true },
  { name: "closed", reached: ({ phase, adopted }) => phase === "closed" && adopted },
];

export const FAULTS = ["connection dropped", "engine killed", "script killed"] as const;
export type Fault = (typeof FAULTS)[number];

/** What a cell showed, in the words of the document. */
export interface Verdict {
  /** What the transaction itself came to, before anybody ran it again. */
  readonly left: "adopted" | "restored" | "untouched";
  /** What the rerun came to. */
  readonly rerun: string;
  /** Times that the service was started, by everything together. */
  readonly restarts: number;
}

export function words({ left, rerun, restarts }: Verdict): string {
  return `survived: ${left}, rerun ${rerun}, ${restarts} restart${restarts === 1 ? "" : "s"}`;
}

/** The table of docs/kill-table.md: cell by row and fault. */
export function documented(): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const text = readFileSync(join(CLONE, "docs", "kill-table.md"), "utf8");
  const table = text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const [head = [], , ...body] = table;
  return new Map(
    body.map(([name = "", ...cells]) => [
      name,
      new Map(cells.map((cell, at) => [head[at + 1] ?? "", cell])),
    ]),
  );
}

/** The table as the document has it. */
export function printed(cell: (row: Row, fault: Fault) => string): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(["phase", ...FAULTS]),
    line(["phase", ...FAULTS].map(() => "---")),
    ...ROWS.map((row) => line([row.name, ...FAULTS.map((fault) => cell(row, fault))])),
  ].join("\n");
}
