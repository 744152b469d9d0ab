// The cells of the kill table that the full tier leaves out: docs/design/kill-table.md is these and those.
import { faultsAtBoundaries } from "./kill-cells";

faultsAtBoundaries((row, column) => row % 3 !== column);
