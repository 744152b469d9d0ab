// The interpreters that the host contract's cases run on: each is a folder of programs put before PATH, so that the
// script and the dead-man switch that it starts both run in it. One that is not here is reported by name, not run.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { inClone } from "./paths";

export interface Interpreter {
  readonly name: string;
  readonly language: "sh" | "PowerShell";
  /** Why it cannot run here; undefined when it can. */
  readonly absent?: string;
  /** The script that it runs. */
  readonly script: string;
  /** The program and the arguments before `apply`. */
  command(scriptPath: string): string[];
  readonly path: string;
  /** The culture of its programs, and the variables that set it. */
  readonly culture?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

const shims = mkdtempSync(join(tmpdir(), "keyturn-interpreters-"));
process.on("exit", () => rmSync(shims, { recursive: true, force: true }));

const hostFolder = inClone("host");

/** `npm run test:host` sets it: everything, on every shell, for as long as it takes. */
export const ALL_SHELLS = process.env["HOST_ALL_SHELLS"] === "true";

/**
 * Every interpreter of the contract, present or not. bash reads the script as dash does, so where dash is it has its turn
 * only among all shells: it takes a third of the time of all.
 */
export function interpreters(): readonly Interpreter[] {
  return (known ??= [
    shell("dash", "dash"),
    ...(ALL_SHELLS || findProgram("dash") === undefined ? [shell("bash", "bash")] : []),
    busybox(),
    ...powershells(),
  ]);
}

let known: readonly Interpreter[] | undefined;

/** The interpreter that `npm test` runs the contract on: the first that is here. */
export function quickest(): Interpreter {
  const found = interpreters().find(({ absent }) => absent === undefined) ?? interpreters()[0];
  if (found === undefined) throw new Error("The contract has no interpreter.");
  return found;
}

/** The path of a program, or undefined. */
export function findProgram(name: string, path = process.env["PATH"]): string | undefined {
  const endings = process.platform === "win32" ? ["", ".exe", ".cmd"] : [""];
  const folders = (path ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders
    .flatMap((folder) => endings.map((ending) => join(folder, name + ending)))
    .find((candidate) => existsSync(candidate));
}

/** Git for Windows brings shells, which no host would run the script in. */
const NOT_ON_WINDOWS = "update.sh is for hosts that are no Windows";

function shell(name: string, program: string): Interpreter {
  if (process.platform === "win32") return sh(name, shims, NOT_ON_WINDOWS);
  const found = findProgram(program);
  const folder = join(shims, name);
  mkdirSync(folder);
  if (found !== undefined) symlinkSync(found, join(folder, "sh"));
  return sh(name, folder, found === undefined ? `${program} is not on PATH` : undefined);
}

/** busybox with every tool of its own, so that nothing of coreutils helps. */
function busybox(): Interpreter {
  if (process.platform === "win32") return sh("busybox", shims, NOT_ON_WINDOWS);
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
    language: "sh",
    script: join(hostFolder, "update.sh"),
    command: (scriptPath) => ["sh", scriptPath],
    path: `${folder}${delimiter}${process.env["PATH"] ?? ""}`,
    ...(absent === undefined ? {} : { absent }),
  };
}

/** The words of HOST_CONTRACT_PWSH: apart at spaces, but for a program's path in double quotes, or one that is there whole. */
export function namedPowerShell(
  named = (process.env["HOST_CONTRACT_PWSH"] ?? "").trim(),
): string[] {
  if (named !== "" && existsSync(named)) return [named];
  return [...named.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

/** A PowerShell by its words, under a name. */
export function powershell(name: string, words: readonly string[]): Interpreter {
  const [program = ""] = words;
  const there = existsSync(program) || findProgram(program) !== undefined;
  const given = words.map((word) => word.toLowerCase());
  const flags = [["-NoProfile"], ["-NonInteractive"], ["-ExecutionPolicy", "Bypass"], ["-File"]];
  const missing = flags.filter(([flag = ""]) => !given.includes(flag.toLowerCase())).flat();
  return {
    name,
    language: "PowerShell",
    script: join(hostFolder, "update.ps1"),
    command: (scriptPath) => [...words, ...(given.includes("-file") ? [] : missing), scriptPath],
    path: process.env["PATH"] ?? "",
    ...(there ? {} : { absent: `${program} is not on PATH; HOST_CONTRACT_PWSH names it` }),
  };
}

/** The PowerShells to run on: the one that HOST_CONTRACT_PWSH names; without it pwsh, on Windows both. */
export function powershells(): readonly Interpreter[] {
  const words = namedPowerShell();
  const named = words.length > 0;
  if (process.platform !== "win32") return [powershell("pwsh", named ? words : ["pwsh"])];
  const all = named ? [words] : [["powershell.exe"], ["pwsh.exe"]];
  return all.map((each) => {
    const found = powershell(each.join(" "), each);
    return found.absent === undefined && !isElevated()
      ? { ...found, absent: "this user is no administrator with an elevated token" }
      : found;
  });
}

let elevated: boolean | undefined;

/** Whether this process has the high integrity level, or the system's, of Windows. */
function isElevated(): boolean {
  return (elevated ??= /S-1-16-(12288|16384)/.test(
    execFileSync("whoami.exe", ["/groups"], { encoding: "utf8" }),
  ));
}
