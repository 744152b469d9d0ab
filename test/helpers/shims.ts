// Programs put before the interpreter's own on PATH, so that a test can watch, fail or kill the script from outside:
// the script itself has no hook for tests.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { findProgram } from "./interpreters";
import type { FakeHost } from "./fake-host";

/** Every tool that a script may start (its own check of tools), and those of the dead-man switch. */
export const TOOLS = {
  sh: "awk base64 cat cmp cp date df id ln ls mkdir mv od rm sed setsid sha256sum sleep stat sync tail timeout touch tr wc",
  PowerShell: "cp df id ln ls mkdir setsid stat sync test timeout",
};

/**
 * Makes each named program run `body` (POSIX sh of the machine) first; `"$REAL" "$@"` is the real one.
 * Returns the PATH that has them.
 */
export function shim(fakeHost: FakeHost, bodies: Readonly<Record<string, string>>): string {
  const folder = join(fakeHost.folder, "shims");
  mkdirSync(folder, { recursive: true });
  for (const [name, body] of Object.entries(bodies)) {
    const real = findProgram(name, fakeHost.interpreter.path) ?? "/bin/false";
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\nREAL=${real}\nWORLD='${fakeHost.folder}'\n${body}\n`);
    chmodSync(path, 0o755);
  }
  return `${folder}${delimiter}${fakeHost.interpreter.path}`;
}
