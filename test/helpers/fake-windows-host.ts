// A Windows host for one case: the contract's fake host with a real service under the service control manager.
import {
  type ChildProcess,
  type ChildProcessWithoutNullStreams,
  execFileSync,
  spawn,
} from "node:child_process";
import { once } from "node:events";
import { appendFileSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
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

  createService(name: string, displayName: string, options = this.service): void {
    const words = [this.programs.service, options].map((path) => `"${this.pathFor(path)}"`);
    this.sc("create", name, "binPath=", words.join(" "), "DisplayName=", displayName);
  }

  isRunning(): boolean {
    return /STATE\s*:\s*4/.test(this.sc("query", this.name));
  }

  /** Begins anew with something changed while the service stands still: nothing has happened to it since. */
  async beginWith(change: () => void): Promise<void> {
    await this.control("stop");
    await this.hasStopped(this.name);
    change();
    rmSync(join(this.service, "events"));
    rmSync(this.tracePath());
    await super.begin();
  }

  /** The service's file and trace in a folder of another name. */
  async moveTo(name: string): Promise<void> {
    await this.beginWith(() => {
      const home = join(dirname(this.home), name);
      renameSync(this.home, home);
      const file = join(home, basename(this.file));
      Object.assign(this, { home, file, state: `${file}.keyturn` });
      this.option("file", this.pathFor(file));
      this.option("trace", this.pathFor(home));
    });
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
    return this.hold([shared, this.pathFor(this.file)]);
  }

  /** Another process has the file for itself alone from the service's stop on: so long after it, else until `letGo`. */
  async holdFileFromStop(milliseconds?: number): Promise<void> {
    // The stop takes a second, so that the file is held before it has ended.
    this.option("stop-seconds", "1");
    const bound = milliseconds === undefined ? [] : [String(milliseconds)];
    await this.hold(["fromStop", this.pathFor(this.file), this.name, ...bound]);
  }

  /** The file's path with its short name; undefined where the disk gives it none. */
  async shortPath(): Promise<string | undefined> {
    const path = this.pathFor(this.file);
    const asker = this.startHolder(["short", path]);
    const [said] = (await once(asker.stdout, "data")) as [Buffer];
    asker.stdin.end();
    const name = said.toString().trim();
    return name === basename(this.file)
      ? undefined
      : path.slice(0, -basename(this.file).length) + name;
  }

  /** Another process lets nobody read the trace from the service's stop on, until `letGo`. */
  async holdTraceFromStop(): Promise<void> {
    this.option("stop-seconds", "1");
    await this.hold(["writtenFromStop", this.pathFor(this.tracePath()), this.name]);
  }

  /** Another process starts the service whenever it has stopped, as a recovery action does, until this host ends. */
  async restartWheneverStopped(): Promise<void> {
    await this.hold(["restarts", this.name]);
  }

  private async hold(words: readonly string[]): Promise<number> {
    const holder = this.startHolder(words);
    this.holder = holder;
    const [said] = (await once(holder.stdout, "data")) as [Buffer];
    return Number(said.toString());
  }

  async letGo(): Promise<void> {
    const holder = this.holder;
    if (holder === undefined) return;
    this.holder = undefined;
    holder.stdin.end();
    if (holder.exitCode === null) await once(holder, "exit");
  }

  protected startHolder(words: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn(this.programs.hold, words);
  }

  /** The tasks that are registered; only the Task Scheduler's stand-in is asked. */
  tasks(): readonly string[] {
    return [];
  }

  /** Ends a run of the script at once, as a crash does. */
  kill(child: ChildProcess): void {
    child.kill("SIGKILL");
  }

  /** Owner of the file, who may do what with it, and whether its folder still has a say in that. */
  access(): string {
    const shown = `$a = Get-Acl -LiteralPath '${this.file.replaceAll("'", "''")}'; $a.Owner; $a.AreAccessRulesProtected;
      $a.Access | ForEach-Object { "$($_.IdentityReference) $($_.AccessControlType) $([int]$_.FileSystemRights)" } | Sort-Object -Unique`;
    const words = ["-NoProfile", "-NonInteractive", "-Command", shown];
    return execFileSync("powershell.exe", words, { encoding: "utf8", env: hostEnvironment() });
  }

  content(): string {
    return readFileSync(this.file, "utf8");
  }

  /** What a file of the service's holds without the service's encryption. */
  plain(path = this.file): string {
    const text = readFileSync(path, "utf8");
    return text.startsWith("ENC:") ? Buffer.from(text.slice(4), "base64").toString() : text;
  }

  override async end(): Promise<void> {
    await this.letGo();
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

  private look(name: string): string {
    try {
      return this.sc("query", name);
    } catch {
      return ""; // two cases make the second service, and one that failed early made none
    }
  }

  private async hasStopped(name: string): Promise<void> {
    await until(`${name} has stopped`, () => /STATE\s*:\s*1/.test(this.look(name)), 40);
  }

  private async removeService(name: string): Promise<void> {
    if (this.look(name) === "") return;
    try {
      this.sc("stop", name);
    } catch {
      // stopped already
    }
    await this.hasStopped(name);
    this.sc("delete", name);
  }
}
