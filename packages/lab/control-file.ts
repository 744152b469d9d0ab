// control.json: how the lab's children and the command line find a running lab. Readable by its owner only.
import { readFileSync, rmSync, writeFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { isRunning } from "./process";

const ControlFile = z.object({
  url: z.url(),
  token: z.string().min(32),
  pid: z.int().positive(),
  /** What tells the process apart from a later one with the same pid; absent where the system does not say. */
  processStart: z.string().optional(),
  startedAt: z.string(),
});

export type ControlFile = z.infer<typeof ControlFile>;

export function controlPath(labDir: string): string {
  return join(labDir, "control.json");
}

export function writeControl(labDir: string, control: ControlFile): void {
  const beside = `${controlPath(labDir)}.${control.pid}`;
  writeFileSync(beside, `${JSON.stringify(control, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(beside, controlPath(labDir));
}

export function removeControl(labDir: string): void {
  rmSync(controlPath(labDir), { force: true });
}

/** The lab that runs in a folder; undefined when none does, or when what is left is of a dead process. */
export function runningControl(labDir: string): ControlFile | undefined {
  const control = readControl(controlPath(labDir));
  return control && isRunning(control.pid, control.processStart) ? control : undefined;
}

/** The file's content; undefined when there is none or it is not whole. */
export function readControl(path: string): ControlFile | undefined {
  try {
    return ControlFile.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
}
