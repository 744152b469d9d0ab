// The interpreters that the host contract's cases run on: each is a folder of programs put before PATH, so that the
// script and the dead-man switch that it starts both run in it. One that is not here is reported by name, not run.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

export interface Interpreter {
  readonly name: string;
  /** Why it cannot run here; undefined when it can. */
  readonly absent?: string;
  /** The script that it runs. */
  readonly script: string;
  /** The program and the arguments before `apply`. */
  command(scriptPath: string): string[];
  readonly path: string;
}

const shims = mkdtempSync(join(tmpdir(), "keyturn-interpreters-"));
process.on("exit", () => rmSync(shims, { recursive: true, force: true }));

const hostFolder = resolve(__dirname, "../../host");

/** Every interpreter of the contract, present or not. */
export function interpreters(): readonly Interpreter[] {
  return (known ??= [shell("dash", "dash"), shell("bash", "bash"), busybox(), powershell()]);
}

let known: readonly Interpreter[] | undefined;

/** The path of a program, or undefined. */
export function findProgram(name: string, path = process.env["PATH"]): string | undefined {
  const folders = (path ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function shell(name: string, program: string): Interpreter {
  const found = findProgram(program);
  const folder = join(shims, name);
  mkdirSync(folder);
  if (found !== undefined) symlinkSync(found, join(folder, "sh"));
  return sh(name, folder, found === undefined ? `${program} is not on PATH` : undefined);
}

/** busybox with every tool of its own, so that nothing of coreutils helps. */
function busybox(): Interpreter {
  const found = findProgram("busybox");
  const folder = join(shims, "busybox");
  mkdirSync(folder);
  if (found === undefined) return sh("busybox", folder, "busybox is not on PATH");
  const applets = execFileSync(found, ["--list"], { encoding: "utf8" }).trim().split("\n");
  for (const applet of applets) symlinkSync(found, join(folder, applet));
  return sh("busybox", folder);
}

function sh(name: string, folder: string, absent?: string): Interpreter {
  return {
    name,
    script: join(hostFolder, "update.sh"),
    command: (scriptPath) => ["sh", scriptPath],
    path: `${folder}${delimiter}${process.env["PATH"] ?? ""}`,
    ...(absent === undefined ? {} : { absent }),
  };
}

function powershell(): Interpreter {
  const named = process.env["HOST_CONTRACT_PWSH"];
  const words = (named ?? "pwsh").split(" ");
  const script = join(hostFolder, "update.ps1");
  const program = words[0] ?? "pwsh";
  const there = existsSync(program) || findProgram(program) !== undefined;
  // Their service is a shell script; static/windows has the cases of a Windows host.
  const reason =
    process.platform === "win32"
      ? "the shared cases need a POSIX host"
      : !there
        ? `${program} is not on PATH; HOST_CONTRACT_PWSH names it`
        : existsSync(script)
          ? undefined
          : "host/update.ps1 is not there";
  const flags = ["-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File"];
  return {
    name: "pwsh",
    script,
    command: (scriptPath) => [...words, ...flags, scriptPath],
    path: process.env["PATH"] ?? "",
    ...(reason === undefined ? {} : { absent: reason }),
  };
}
