// A Windows host for one case: the contract's world with a real service under the service control manager.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { HostUpdate } from "../../../../components/pure/host-contract";
import type { Interpreter } from "../../interpreters";
import { until, World } from "../../world";

const script = resolve(__dirname, "../../../../host/update.ps1");
const flags = ["-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File"];
let count = 0;

/** Windows PowerShell, PowerShell 7, and the one that HOST_CONTRACT_PWSH names. */
export function windowsInterpreters(): Interpreter[] {
  const path = process.env["PATH"] ?? process.env["Path"] ?? "";
  const there = (program: string) =>
    existsSync(program) || path.split(";").some((folder) => existsSync(join(folder, program)));
  const named = (process.env["HOST_CONTRACT_PWSH"] ?? "").split(" ").filter((word) => word !== "");
  const all = [["powershell.exe"], ["pwsh.exe"], ...(named.length > 0 ? [named] : [])];
  return all.map((words) => ({
    name: words.join(" "),
    script,
    command: (scriptPath: string) => [...words, ...flags, scriptPath],
    path,
    ...(there(words[0] ?? "") ? {} : { absent: `${words[0] ?? ""} is not on PATH` }),
  }));
}

export class WindowsWorld extends World {
  readonly name = `keyturn-test-${process.pid}-${++count}`;
  readonly displayName = `Keyturn contract test (${this.name})`;

  readonly program = join(this.service, "service.exe");

  private manage(action: string): void {
    const source = join(__dirname, "service.cs");
    const words = [join(__dirname, "service.ps1"), action, this.name, this.service, source];
    execFileSync("powershell.exe", [...flags, ...words], { stdio: "pipe" });
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

  /** Owner and access list of the file. */
  access(): string {
    const owner = `(Get-Acl -LiteralPath '${this.file}').Sddl`;
    return execFileSync("powershell.exe", ["-NoProfile", "-Command", owner], { encoding: "utf8" });
  }

  content(): string {
    return readFileSync(this.file, "utf8");
  }

  override async end(): Promise<void> {
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
