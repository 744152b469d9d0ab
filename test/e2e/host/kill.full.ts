// A third of the kill table's cells: every boundary once, every fault at three boundaries or four. The others are
// kill.long.ts's: all thirty took a fifth of the full tier.
import { faultsAtBoundaries } from "./kill-cells";
import { SH_TABLE } from "./kill-table";

faultsAtBoundaries(SH_TABLE, (row, column) => row % 3 === column);
