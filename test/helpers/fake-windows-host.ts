// A Windows host for one case: the contract's fake host with a real service under the service control manager.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { HostUpdate } from "../../src/contracts/host-update";
import { hostEnvironment, FakeHost } from "./fake-host";
import { inClone } from "./paths";
import { until } from "./until";

const flags = ["-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File"];
let count = 0;

export class FakeWindowsHost extends FakeHost {
  readonly name = `keyturn-test-${process.pid}-${++count}`;
  readonly displayName = `Keyturn contract test (${this.name})`;

  readonly program = join(this.service, "service.exe");
  private holder: ChildProcess | undefined;

  private manage(action: string): void {
    const source = inClone("test", "host", "fixtures", "service.cs");
    const words = [
      inClone("test", "host", "fixtures", "service.ps1"),
      action,
      this.name,
      this.service,
      source,
    ];
    execFileSync("powershell.exe", [...flags, ...words], { stdio: "pipe", env: hostEnvironment() });
  }

  sc(...words: string[]): string {
    return execFileSync("sc.exe", words, { encoding: "utf8" });
  }

  isRunning(): boolean {
    return /STATE\s*:\s*4/.test(this.sc("query", this.name));
  }

  override async begin(): Promise<void> {
    this.manage("register");
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
  async holdFile(shared: "alone" | "readAndWritten" = "alone"): Promise<number | undefined> {
    const open = shared === "alone" ? "'ReadWrite', 'None'" : "'Read', 'ReadWrite'";
    const held = `$file = [IO.File]::Open('${this.file}', 'Open', ${open});
      [Console]::Out.WriteLine('held'); [void][Console]::In.ReadLine(); $file.Dispose()`;
    const words = ["-NoProfile", "-NonInteractive", "-Command", held];
    const holder = spawn("powershell.exe", words, { env: hostEnvironment() });
    this.holder = holder;
    await once(holder.stdout, "data");
    return holder.pid;
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
      this.holder.stdin?.end("\n");
      await once(this.holder, "exit");
    }
    await until("the dead-man switch has gone", () => this.stateText("deadman") === "", 40);
    try {
      this.sc("stop", `${this.name}-on`);
      this.sc("delete", `${this.name}-on`);
    } catch {
      // Only one case makes it.
    }
    this.manage("remove");
    await super.end();
  }
}
