// The kill table of a host on PowerShell: update.ps1 writes, renames and compares by itself, so it is held at the programs
// that it starts between those: its service's commands, and what copies, flushes and arms on Linux.
import type { Boundary } from "../../helpers/gate";
import type { KillTable } from "./kill-table";

/** Before a look at the service, once the journal has a phase. */
const lookIn = (journalled: string): Boundary => ({
  when: "before",
  program: "timeout",
  arguments: "service-control status sesar",
  journalled,
});

/** There is no row `closed`: behind the proof the script starts no program any more. */
export const POWERSHELL_TABLE: KillTable = {
  head: "phase, PowerShell",
  interpreter: "powershell",
  rows: [
    {
      name: "waiting",
      // This look is asked for its output too, so no `timeout` stands before it.
      boundary: { ...lookIn("waiting"), program: "setsid" },
      sight: { phase: "waiting", armed: false, running: true },
    },
    {
      name: "armed",
      boundary: { when: "before", program: "timeout", arguments: "/backup.next" },
      sight: { phase: "waiting", armed: true, staged: false, running: true },
      patient: true,
    },
    {
      name: "prepared",
      // The first flush is of the copy that the new bytes are written over.
      boundary: { when: "after", program: "sync", arguments: "/staged", nth: 2 },
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
      boundary: { when: "after", program: "timeout", arguments: "service-control stop sesar" },
      sight: { phase: "stopping", staged: true, running: false },
    },
    {
      name: "swapped",
      boundary: lookIn("stopping"),
      sight: { phase: "stopping", staged: false, swapped: true, running: false },
    },
    {
      name: "starting",
      boundary: { when: "after", program: "timeout", arguments: "service-control start sesar" },
      sight: { phase: "stopping", staged: false, running: false },
    },
    {
      name: "proving",
      boundary: lookIn("proving"),
      sight: { phase: "proving" },
    },
    {
      name: "restoring",
      boundary: lookIn("restoring"),
      sight: { phase: "restoring", adopted: false },
      restores: true,
    },
  ],
};
