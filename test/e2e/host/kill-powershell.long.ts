// The kill table of a host on PowerShell, whole. The full tier has none of it, since a lab for even one cell would take it
// minutes: it has the road itself (powershell.full.ts) and update.sh's cells, and test/host kills update.ps1 itself.
import { faultsAtBoundaries } from "./kill-cells";
import { POWERSHELL_TABLE } from "./kill-table-powershell";

faultsAtBoundaries(POWERSHELL_TABLE, () => true);
