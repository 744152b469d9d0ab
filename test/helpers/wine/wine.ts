// A Windows of the tests' own, under Wine: a copy of a prefix that has PowerShell for Windows, with stand-ins for what Wine
// lacks. HOST_CONTRACT_WINDOWS_PWSH names the program that runs that PowerShell, by default `windows-pwsh` on PATH: it takes the
// arguments of pwsh.exe, finds the prefix by WINEPREFIX, and passes the streams and the exit code as bytes.
import {
  type ChildProcess,
  type ChildProcessWithoutNullStreams,
  execFileSync,
  spawn,
} from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { findProgram, type Interpreter } from "../interpreters";
import { inClone } from "../paths";
import type { WindowsPrograms } from "../windows-programs";
import { forwardingDll } from "./forwarding-dll";

const PREFIX = process.env["WINEPREFIX"] ?? join(homedir(), ".wine-powershell");
const POWERSHELL = join("drive_c", "Program Files", "PowerShell", "7");
const TASK_MODULE = join(POWERSHELL, "Modules", "ScheduledTasks");
/** What Wine and PowerShell write in place: all else of the copy is the same files under second names. */
const WRITTEN = ["system.reg", "user.reg", "userdef.reg", "drive_c/users", "drive_c/ProgramData"];

const windowsPowerShell = (): string | undefined => {
  const named = process.env["HOST_CONTRACT_WINDOWS_PWSH"] ?? "windows-pwsh";
  return existsSync(named) ? named : findProgram(named);
};

/** Why there is no such Windows here; undefined where there is. */
export function withoutWine(): string | undefined {
  if (process.platform !== "linux") return "this is not Linux";
  if (windowsPowerShell() === undefined)
    return "windows-pwsh is not on PATH; HOST_CONTRACT_WINDOWS_PWSH names it";
  const missing = ["wine", "Xvfb"].find((program) => findProgram(program) === undefined);
  if (missing !== undefined) return `${missing} is not on PATH`;
  return existsSync(join(PREFIX, POWERSHELL, "pwsh.exe"))
    ? undefined
    : `no PowerShell for Windows is in the prefix ${PREFIX}; WINEPREFIX names another`;
}

/** A path of this machine as a Windows program names it. */
export const windowsPath = (path: string): string => `Z:${path.replaceAll("/", "\\")}`;

export class Wine {
  private readonly prefix = mkdtempSync(`${PREFIX}-`);
  private display: ChildProcess | undefined;
  private keeper: ChildProcessWithoutNullStreams | undefined;
  environment: NodeJS.ProcessEnv = {};

  readonly interpreter: Interpreter = {
    name: "PowerShell 7 for Windows under Wine",
    language: "PowerShell",
    script: inClone("host", "update.ps1"),
    command: (scriptPath) => [
      windowsPowerShell() ?? "windows-pwsh",
      ...["-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass"],
      ...["-File", windowsPath(scriptPath)],
    ],
    path: process.env["PATH"] ?? "",
  };

  async begin(programs: WindowsPrograms): Promise<void> {
    execFileSync("cp", ["-al", `${PREFIX}/.`, this.prefix], { stdio: "pipe" });
    for (const name of WRITTEN) {
      rmSync(join(this.prefix, name), { recursive: true, force: true });
      execFileSync("cp", ["-a", join(PREFIX, name), join(this.prefix, name)], { stdio: "pipe" });
    }
    const system = join(this.prefix, "drive_c", "windows", "system32");
    rmSync(join(system, "sc.exe"));
    copyFileSync(programs.serviceControl, join(system, "sc.exe"));
    const random = ["bcryptprimitives.dll", "ProcessPrng", "advapi32.SystemFunction036"] as const;
    if (!existsSync(join(system, random[0])))
      writeFileSync(join(system, random[0]), forwardingDll(...random));
    const module = join(this.prefix, TASK_MODULE);
    mkdirSync(module);
    const source = inClone("test", "host", "fixtures", "ScheduledTasks.psm1");
    copyFileSync(source, join(module, "ScheduledTasks.psm1"));
    this.environment = {
      WINEPREFIX: this.prefix,
      WINEARCH: "win64",
      WINEDEBUG: "-all",
      WINEDLLOVERRIDES: "sc.exe=n",
      DISPLAY: await this.showNobody(),
    };
    // Wine ends its services with the last of its other programs: this one stays.
    this.keeper = this.spawn(programs.hold);
    await once(this.keeper.stdout, "data");
    this.warmUp();
  }

  /** The first start of a prefix makes its desktop and PowerShell's caches: it may take longer than the dead-man switch has. */
  private warmUp(): void {
    const command =
      "Import-Module ScheduledTasks -SkipEditionCheck; [void](Get-Acl -LiteralPath C:\\)";
    const words = ["-NoProfile", "-NonInteractive", "-Command", command];
    execFileSync(windowsPowerShell() ?? "windows-pwsh", words, {
      env: { ...process.env, ...this.environment },
      input: "",
      stdio: ["pipe", "ignore", "pipe"],
    });
  }

  /** A display that nobody sees; its number is the first that is free. */
  private async showNobody(): Promise<string> {
    const words = ["-displayfd", "1", "-screen", "0", "640x480x16", "-nolisten", "tcp"];
    const display = spawn("Xvfb", words, { stdio: ["ignore", "pipe", "ignore"] });
    this.display = display;
    const [number] = (await once(display.stdout, "data")) as [Buffer];
    return `:${number.toString().trim()}`;
  }

  spawn(program: string, words: readonly string[] = []): ChildProcessWithoutNullStreams {
    return spawn("wine", [program, ...words], { env: { ...process.env, ...this.environment } });
  }

  run(program: string, words: readonly string[]): string {
    const env = { ...process.env, ...this.environment };
    return execFileSync("wine", [program, ...words], { encoding: "utf8", stdio: "pipe", env });
  }

  /** The tasks that the Task Scheduler's stand-in has. */
  tasks(): readonly string[] {
    return readdirSync(join(this.prefix, TASK_MODULE, "tasks"));
  }

  async end(): Promise<void> {
    this.keeper?.stdin.end();
    // The server of this prefix alone, with all that runs in it.
    spawn("wineserver", ["-k"], { env: { ...process.env, ...this.environment }, stdio: "ignore" });
    if (this.keeper !== undefined && this.keeper.exitCode === null) await once(this.keeper, "exit");
    this.display?.kill();
    rmSync(this.prefix, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** The processes of this machine whose command line has all the words. */
export function processesWith(...words: readonly string[]): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "latin1");
        return words.every((word) => line.includes(word));
      } catch {
        return false; // it has ended
      }
    })
    .map(Number);
}
