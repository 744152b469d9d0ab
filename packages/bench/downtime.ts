// How long the service does not answer during an update, over the same service stopped and started with nothing
// between. The time is the service manager's own: from asking for the stop to the process being up again.
import type { ServiceStop } from "../lab/host/services/records";
import type { Comparison } from "./comparison";
import { SesarScene } from "./sesar-scene";

const TARGET = 1.15;
const CAVEAT =
  "Both sides stop and start the same simulated SESAR, a Node.js process, by the lab's service command over SSH; the time is the service " +
  "manager's own. What Keyturn adds is a handful of short programs, so the slower the service, the nearer the ratio is to 1. " +
  "`update.ps1` was not measured, and no product was.";

/** @param dir a folder for the host */
export async function openDowntime(
  dir: string,
): Promise<{ comparisons: readonly Comparison[]; close: () => Promise<void> }> {
  const scene = await SesarScene.open(dir);
  return {
    comparisons: [
      {
        name: "downtime",
        title: "the service not answering during an update by host/update.sh",
        ours: { title: "update.sh", sample: async () => downtime(await scene.update()) },
        reference: { title: "stop and start", sample: async () => downtime(await scene.restart()) },
        target: TARGET,
        caveat: CAVEAT,
      },
    ],
    close: () => scene.close(),
  };
}

function downtime({ downtimeMs }: ServiceStop): number {
  if (downtimeMs === null) throw new Error("The service has not started again.");
  return downtimeMs;
}
