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

/** What a table is of: one of the host's two scripts. */
export interface KillTable {
  /** Head of its first column, by which the document tells the tables apart. */
  readonly head: string;
  readonly interpreter: "sh" | "powershell";
  readonly rows: readonly Row[];
}

/** Behind the journal's being written with a phase. */
const journalled = (phase: string): Boundary => ({
  when: "after",
  program: "mv",
  arguments: "/journal.next",
  phase,
});

const ROWS: readonly Row[] = [
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

/** update.sh renames, copies and compares by programs, so it can be held everywhere. */
export const SH_TABLE: KillTable = { head: "phase", interpreter: "sh", rows: ROWS };

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

/** The table as docs/design/kill-table.md has it: cell by row and fault. */
export function documented({ head }: KillTable): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const text = readFileSync(join(CLONE, "docs", "design", "kill-table.md"), "utf8");
  const tables = text
    .split("\n\n")
    .filter((paragraph) => paragraph.startsWith("|"))
    .map((paragraph) => paragraph.trim().split("\n").map(cellsOf));
  const [faults = [], , ...body] = tables.find(([first]) => first?.[0] === head) ?? [];
  return new Map(
    body.map(([name = "", ...cells]) => [
      name,
      new Map(cells.map((cell, at) => [faults[at + 1] ?? "", cell])),
    ]),
  );
}

function cellsOf(line: string): string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** The table as the document has it. */
export function printed(
  { head, rows }: KillTable,
  cell: (row: Row, fault: Fault) => string,
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line([head, ...FAULTS]),
    line([head, ...FAULTS].map(() => "---")),
    ...rows.map((row) => line([row.name, ...FAULTS.map((fault) => cell(row, fault))])),
  ].join("\n");
}
