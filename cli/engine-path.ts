// The folders that hold the engine and Node.js, as bootstrap put them first on PATH.
import { delimiter, join } from "node:path";
import { CLONE } from "./clone";

/** Folders of this process's PATH that belong to the clone or to the engine, in order. */
export function enginePath(): string[] {
  const bin = join(CLONE, "node_modules", ".bin");
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const engine = folders.filter((folder) => /[\\/]versions[\\/][\d.]+[\\/]bin$/.test(folder));
  return [...new Set([...engine, bin])];
}
