// A Windows host for one case: the contract's fake host with a real service under the service control manager.
import {
  type ChildProcess,
  type ChildProcessWithoutNullStreams,
  execFileSync,
  spawn,
} from "node:child_process";
import { once } from "node:events";
import { appendFileSync, cpSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { HostUpdate } from "../../src/contracts/host-update";
import { hostEnvironment, FakeHost } from "./fake-host";
import type { Interpreter } from "./interpreters";
import { until } from "./until";
import type { WindowsPrograms } from "./windows-programs";

let count = 0;

export class FakeWindowsHost extends FakeHost {
  readonly name = `keyturn-test-${process.pid}-${++count}`;
  readonly displayName = `Keyturn contract test (${this.name})`;
  /** What its programs need in their environment. */
  readonly environment: NodeJS.ProcessEnv = {};
  private holder: ChildProcessWithoutNullStreams | undefined;

  constructor(
    interpreter: Interpreter,
    protected readonly programs: WindowsPrograms,
  ) {
    super(interpreter);
  }

  /** A path of this machine as the host's programs name it. */
  pathFor(path: string): string {
    return path;
  }

  sc(...words: string[]): string {
    return execFileSync("sc.exe", words, { encoding: "utf8" });
  }

  createService(name: string, displayName: string): void {
    const words = [this.programs.service, this.service].map((path) => `"${this.pathFor(path)}"`);
    this.sc("create", name, "binPath=", words.join(" "), "DisplayName=", displayName);
  }

  isRunning(): boolean {
    return /STATE\s*:\s*4/.test(this.sc("query", this.name));
  }

  override async begin(): Promise<void> {
    this.createService(this.name, this.displayName);
    await super.begin();
  }

  override control(action: "start" | "stop" | "status"): Promise<number | null> {
    try {
      this.sc(action === "status" ? "query" : action, this.name);
      return Promise.resolve(0);
    } catch {
      return Promise.resolve(1); // stopped already, or running
    }
  }

  override update(changes: Partial<HostUpdate> = {}): HostUpdate {
    return super.update({
      serviceManager: "windows",
      filePath: this.pathFor(this.file),
      traceDirectory: this.pathFor(this.home),
      service: [this.name],
      startCommand: [],
      stopCommand: [],
      statusCommand: [],
      stopTimeoutSeconds: 20,
      startTimeoutSeconds: 20,
      proofTimeoutSeconds: 20,
      ...changes,
    });
  }

  giveFileTo(sid: string): void {
    execFileSync("icacls.exe", [this.file, "/setowner", `*${sid}`], { stdio: "pipe" });
  }

  /**
   * Another process has the file open until this host ends: for itself alone, or so that others may read and write it, but
   * not replace it.
   *
   * @returns the process's id
   */
  async holdFile(shared: "alone" | "readAndWritten" = "alone"): Promise<number> {
    const holder = this.startHolder([shared, this.pathFor(this.file)]);
    this.holder = holder;
    const [said] = (await once(holder.stdout, "data")) as [Buffer];
    return Number(said.toString());
  }

  protected startHolder(words: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn(this.programs.hold, words);
  }

  /** Ends a run of the script at once, as a crash does. */
  kill(child: ChildProcess): void {
    child.kill("SIGKILL");
  }

  /** Owner of the file, who may do what with it, and whether its folder still has a say in that. */
  access(): string {
    const shown = `$a = Get-Acl -LiteralPath '${this.file}'; $a.Owner; $a.AreAccessRulesProtected;
      $a.Access | ForEach-Object { "$($_.IdentityReference) $($_.AccessControlType) $([int]$_.FileSystemRights)" } | Sort-Object -Unique`;
    const words = ["-NoProfile", "-NonInteractive", "-Command", shown];
    return execFileSync("powershell.exe", words, { encoding: "utf8", env: hostEnvironment() });
  }

  content(): string {
    return readFileSync(this.file, "utf8");
  }

  override async end(): Promise<void> {
    if (this.holder !== undefined) {
      this.holder.stdin.end();
      await once(this.holder, "exit");
    }
    this.keep();
    await until("the dead-man switch has gone", () => this.stateText("deadman") === "", 40);
    await this.removeService(`${this.name}-on`);
    await this.removeService(this.name);
    await super.end();
  }

  /** HOST_CONTRACT_KEEP is a folder: report, journal and order, what the service did and its trace stay there for a reader. */
  private keep(): void {
    const kept = process.env["HOST_CONTRACT_KEEP"];
    if (kept === undefined || kept === "") return;
    const folder = join(kept, this.name);
    for (const source of [this.state, this.service, this.tracePath()]) {
      try {
        cpSync(source, join(folder, basename(source)), { recursive: true });
      } catch (error) {
        mkdirSync(folder, { recursive: true });
        appendFileSync(join(folder, "not-kept.txt"), `${String(error)}\n`);
      }
    }
  }

  private async removeService(name: string): Promise<void> {
    const look = (): string => {
      try {
        return this.sc("query", name);
      } catch {
        return ""; // one case makes the second service, and one that failed early made none
      }
    };
    if (look() === "") return;
    try {
      this.sc("stop", name);
    } catch {
      // stopped already
    }
    await until(`${name} has stopped`, () => /STATE\s*:\s*1/.test(look()), 40);
    this.sc("delete", name);
  }
}
