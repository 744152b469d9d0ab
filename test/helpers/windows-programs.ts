// The programs of the Windows cases, which Go builds for Windows on any machine: the service, a stand-in for sc.exe, and a
// process that holds a file open.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { goEnvironment } from "../../packages/toolchain/set-up";
import { findProgram } from "./interpreters";
import { inClone } from "./paths";

export interface WindowsPrograms {
  readonly service: string;
  readonly serviceControl: string;
  readonly hold: string;
  remove(): void;
}

/** Why they cannot be built here; undefined where they can. */
export function withoutPrograms(): string | undefined {
  return findProgram("go") === undefined
    ? "go, which builds its service, is not on PATH"
    : undefined;
}

export function buildWindowsPrograms(): WindowsPrograms {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-windows-programs-"));
  const target = { GOOS: "windows", GOARCH: "amd64" };
  execFileSync("go", ["build", "-o", folder + sep, "./..."], {
    cwd: inClone("test", "host", "fixtures", "windows-service"),
    env: { ...goEnvironment(process.env), ...target },
    stdio: "pipe",
  });
  return {
    service: join(folder, "service.exe"),
    serviceControl: join(folder, "sc.exe"),
    hold: join(folder, "hold.exe"),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }),
  };
}
