// `npm run lab -- …`: what can be asked of a lab that `npm start -- --keep` left running.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LabControl } from "../lab/control-client";
import { controlPath, runningControl } from "../lab/control-file";
import { DEFAULT_LAB_DIR } from "../lab/options";
import { isRunning } from "../lab/process";
import { workspaceEnvironment } from "../lab/workspace";
import { REHEARSAL_STACK, WORKSPACE } from "./places";
import { enginePath } from "./engine-path";
import { exportLines } from "./environment";
import { engineEnvironment } from "./lab-settings";
import { until } from "./until";
import { UsageError } from "../cli/usage-error";

const KEPT = "kept";
const STOP_DEADLINE_MS = 30_000;

/** Notes that the lab in the folder outlives who started it. */
export function markKept(labDir: string): void {
  writeFileSync(join(labDir, KEPT), "");
}

/** The running lab's control. @throws UsageError when none runs */
export function labControl(labDir: string = DEFAULT_LAB_DIR): LabControl {
  if (runningControl(labDir) === undefined) {
    throw new UsageError("No lab is up in this clone. Start one with `npm start -- --keep`.");
  }
  return LabControl.fromFile(controlPath(labDir));
}

/**
 * Takes the kept lab of this clone down, if there is one, and waits until its process is gone.
 * @returns whether there was one
 * @throws UsageError when a lab is up that somebody else still uses
 */
export async function stopKeptLab(labDir: string = DEFAULT_LAB_DIR): Promise<boolean> {
  const running = runningControl(labDir);
  const kept = join(labDir, KEPT);
  if (running === undefined) {
    rmSync(kept, { force: true });
    return false;
  }
  if (!existsSync(kept)) {
    throw new UsageError(
      `A rehearsal is running in this clone (process ${running.pid}). Wait until it has ended, or end it with Ctrl-C.`,
    );
  }
  await LabControl.fromFile(controlPath(labDir)).shutdown();
  await until(
    () => !isRunning(running.pid, running.processStart),
    STOP_DEADLINE_MS,
    `the lab (process ${running.pid}) to end`,
  );
  rmSync(kept, { force: true });
  return true;
}

/** The environment of the kept lab's workspace as export lines. */
export async function keptEnvironment(labDir: string = DEFAULT_LAB_DIR): Promise<string> {
  const control = labControl(labDir);
  const environment = {
    ...engineEnvironment(await control.environment()),
    ...workspaceEnvironment(join(labDir, WORKSPACE), REHEARSAL_STACK),
  };
  return exportLines(environment, enginePath());
}
