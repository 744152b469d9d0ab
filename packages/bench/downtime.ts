// How long the service does not answer during an update by either script, over the same service stopped and started with
// nothing between. The time is the service manager's own: from asking for the stop to the process being up again.
import { spawnSync } from "node:child_process";
import type { HostInterpreter } from "../lab/host/host";
import type { ServiceStop } from "../lab/host/services/records";
import type { Comparison } from "./comparison";
import { SesarScene } from "./sesar-scene";

const BOTH_SIDES =
  "Both sides stop and start the same simulated SESAR, a Node.js process, by the lab's service command over SSH; the time is the service " +
  "manager's own.";
const SLOWER_SERVICE =
  "What Keyturn adds is a handful of short programs, so the slower the service, the nearer the ratio is to 1.";

/** What is measured of each script. */
const SCRIPTS = {
  sh: {
    name: "downtime",
    script: "update.sh",
    target: 1.15,
    caveat: `${BOTH_SIDES} ${SLOWER_SERVICE} No product was measured.`,
  },
  powershell: {
    name: "downtime of update.ps1",
    script: "update.ps1",
    target: 1.1,
    caveat:
      `${BOTH_SIDES} ${SLOWER_SERVICE} It is PowerShell 7 on Linux, where each look at the service is a program; on Windows ` +
      `it is a call. No product was measured.`,
  },
} as const satisfies Readonly<Record<HostInterpreter, unknown>>;

/** @param dir a folder for the host */
export async function openDowntime(
  dir: string,
): Promise<{ comparisons: readonly Comparison[]; left?: string; close: () => Promise<void> }> {
  const interpreters: readonly HostInterpreter[] = hasPowerShell() ? ["sh", "powershell"] : ["sh"];
  const scene = await SesarScene.open(dir, interpreters);
  return {
    comparisons: interpreters.map((interpreter) => comparison(scene, interpreter)),
    ...(interpreters.length === 1 && {
      left: `${SCRIPTS.powershell.name}: not measured, pwsh is not on PATH`,
    }),
    close: () => scene.close(),
  };
}

function comparison(scene: SesarScene, interpreter: HostInterpreter): Comparison {
  const { name, script, target, caveat } = SCRIPTS[interpreter];
  return {
    name,
    title: `the service not answering during an update by host/${script}`,
    ours: { title: script, sample: async () => downtime(await scene.update(interpreter)) },
    reference: { title: "stop and start", sample: async () => downtime(await scene.restart()) },
    target,
    caveat,
  };
}

function hasPowerShell(): boolean {
  return spawnSync("/bin/sh", ["-c", "command -v pwsh"]).status === 0;
}

function downtime({ downtimeMs }: ServiceStop): number {
  if (downtimeMs === null) throw new Error("The service has not started again.");
  return downtimeMs;
}
