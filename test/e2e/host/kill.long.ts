// The cells of the kill table that the full tier leaves out: docs/design/kill-table.md is these and those.
import { faultsAtBoundaries } from "./kill-cells";
import { SH_TABLE } from "./kill-table";

faultsAtBoundaries(SH_TABLE, (row, column) => row % 3 !== column);
