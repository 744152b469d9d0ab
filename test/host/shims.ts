// Programs put before the interpreter's own on PATH, so that a test can watch, fail or kill the script from outside:
// the script itself has no hook for tests.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { findProgram } from "./interpreters";
import type { World } from "./world";

/** Every tool that a script may start (its own check of tools), and those of the dead-man switch. */
export const TOOLS = {
  sh: "awk base64 cat cmp cp date df id ln ls mkdir mv rm sed setsid sleep sync tail timeout touch tr wc",
  PowerShell: "cp df id ln ls mkdir setsid sync timeout",
};

/**
 * Makes each named program run `body` (POSIX sh of the machine) first; `"$REAL" "$@"` is the real one.
 * Returns the PATH that has them.
 */
export function shim(world: World, bodies: Readonly<Record<string, string>>): string {
  const folder = join(world.folder, "shims");
  mkdirSync(folder, { recursive: true });
  for (const [name, body] of Object.entries(bodies)) {
    const real = findProgram(name, world.interpreter.path) ?? "/bin/false";
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\nREAL=${real}\nWORLD='${world.folder}'\n${body}\n`);
    chmodSync(path, 0o755);
  }
  return `${folder}${delimiter}${world.interpreter.path}`;
}
