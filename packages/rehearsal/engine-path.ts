// The folders that hold the engine and Node.js, as bootstrap hands them on.
import { join } from "node:path";
import { CLONE } from "../cli/clone";

/** Folders that go first on PATH for `pulumi` to work by hand. */
export function enginePath(environment: NodeJS.ProcessEnv = process.env): string[] {
  const engine = environment["KEYTURN_PULUMI_BIN"];
  const bin = join(CLONE, "node_modules", ".bin");
  return engine === undefined ? [bin] : [engine, bin];
}
