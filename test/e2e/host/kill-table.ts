// The kill table: the phases of the host's transaction, the faults that strike at each, and docs/design/kill-table.md.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Boundary } from "../../helpers/gate";
import { CLONE } from "../../helpers/paths";

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
}

/** One row of the table: a boundary of the transaction. */
export interface Row {
  readonly name: string;
  /** Where the script is held. */
  readonly boundary: Boundary;
  /** What is to be seen there. */
  readonly sight: Partial<Sight>;
  /** Whether the transaction restores. */
  readonly restores?: boolean;
  /** Whether the script can be held here for the length of a rerun: the service runs, and no moment of its trace passes. */
  readonly patient?: boolean;
}

/** Behind the journal's being written with a phase. */
const journalled = (phase: string): Boundary => ({
  when: "after",
  program: "mv",
  arguments: "/journal.next",
  phase,
});

export const ROWS: readonly Row[] = [
  {
    name: "waiting",
    boundary: journalled("waiting"),
    sight: { phase: "waiting", armed: false, running: true },
    patient: true,
  },
  {
    name: "armed",
    boundary: { when: "before", program: "cp", arguments: "/backup.next" },
    sight: { phase: "waiting", armed: true, staged: false, running: true },
    patient: true,
  },
  {
    name: "prepared",
    boundary: { when: "after", program: "touch", arguments: "/staged" },
    sight: { phase: "waiting", armed: true, staged: true, running: true },
    patient: true,
  },
  {
    name: "stopping",
    boundary: { when: "before", program: "timeout", arguments: "service-control stop sesar" },
    sight: { phase: "stopping", staged: true, running: true },
  },
  {
    name: "stopped",
    boundary: { when: "before", program: "cmp", arguments: "/backup" },
    sight: { phase: "stopping", staged: true, running: false },
  },
  {
    name: "swapped",
    boundary: { when: "after", program: "mv", arguments: "/staged" },
    sight: { phase: "stopping", staged: false, swapped: true, running: false },
  },
  {
    name: "starting",
    boundary: { when: "after", program: "timeout", arguments: "service-control start sesar" },
    sight: { phase: "stopping", staged: false, running: false },
  },
  {
    name: "proving",
    boundary: journalled("proving"),
    sight: { phase: "proving" },
    patient: true,
  },
  {
    name: "restoring",
    boundary: journalled("restoring"),
    sight: { phase: "restoring", adopted: false },
    restores: true,
    patient: true,
  },
  {
    name: "closed",
    boundary: journalled("closed"),
    sight: { phase: "closed", adopted: true },
    patient: true,
  },
];

export const FAULTS = ["connection dropped", "engine killed", "script killed"] as const;
export type Fault = (typeof FAULTS)[number];

/** What a cell showed, in the words of the document. */
export interface Verdict {
  /** What the transaction itself came to, before anybody ran it again. */
  readonly left: "adopted" | "restored" | "untouched";
  /** Whether a rerun came while the host was still at work, and was refused by its lock. */
  readonly refused: boolean;
  /** What the last rerun came to. */
  readonly rerun: string;
  /** Times that the service was started, by everything together. */
  readonly restarts: number;
}

export function words({ left, refused, rerun, restarts }: Verdict): string {
  const reruns = refused ? `at work, then ${rerun}` : rerun;
  return `survived: ${left}, rerun ${reruns}, ${restarts} restart${restarts === 1 ? "" : "s"}`;
}

/** The table of docs/design/kill-table.md: cell by row and fault. */
export function documented(): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const text = readFileSync(join(CLONE, "docs", "design", "kill-table.md"), "utf8");
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
