// A host for one contract case: a folder with the service's file, its trace and a service under a `command` manager.
import {
  execFileSync,
  spawn,
  type ChildProcess,
  type ChildProcessWithoutNullStreams,
} from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import {
  encodeHostInput,
  leastDeadManSeconds,
  leastDeadlineSeconds,
  parseHostReport,
  type HostReport,
  type HostUpdate,
} from "../../src/contracts/host-update";
import type { Interpreter } from "./interpreters";
import { inClone } from "./paths";
import { until } from "./until";

export const FORMER = "former~Secret$1%PATH%'x";
/** This credential, and another that writes files too. */
export const WRITER = "kv-office:sesar";
export const OTHER_WRITER = "kv-branch:sesar";
export const FRESH = "fresh~Secret$HOME`id`'%d\\n!";

/** On Windows no shell is sure to be there: the service is a script of Node.js, and slower by its starts. */
const byNode = process.platform === "win32" || process.env["HOST_CONTRACT_SERVICE"] === "node";
const slow = byNode ? 4 : 1;

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly report?: HostReport;
}

/** The vendor's file around a secret: BOM, CR LF, non-ASCII, no newline at the end. */
export function configuration(value: string): string {
  return `\uFEFF{\r\n  "ConfigName": "Générale",\r\n  "AzureAD_Secret": "${value}",\r\n  "PrivateFilesKey": "-----BEGIN~KEY-----"\r\n}`;
}

export class FakeHost {
  readonly folder = mkdtempSync(join(tmpdir(), "keyturn-host-"));
  readonly home = join(this.folder, "Secure Exchanges inc", "SESAR é");
  readonly service = join(this.folder, "service");
  readonly file = join(this.home, "instance.json");
  readonly state = `${this.file}.keyturn`;
  readonly script: string;

  constructor(readonly interpreter: Interpreter) {
    mkdirSync(this.home, { recursive: true });
    mkdirSync(this.service);
    this.script = join(this.folder, basename(interpreter.script));
    copyFileSync(interpreter.script, this.script);
    this.option("file", this.file);
    this.option("trace", this.home);
    this.option("reencrypts", "");
    this.option("accepted", `${FORMER}\n${FRESH}\n`);
    writeFileSync(this.file, configuration(FORMER), { mode: 0o640 });
  }

  /** Sets how the service behaves; see fixtures/service.sh. */
  option(name: string, value: string): void {
    writeFileSync(join(this.service, name), value);
  }

  readOption(name: string): string {
    const path = join(this.service, name);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** What happened to the service since it was first started. */
  events(): string[] {
    return this.readOption("events").trim().split("\n").slice(1);
  }

  serviceWords(action: string): string[] {
    const program = byNode ? [process.execPath, "service.mjs"] : ["sh", "service.sh"];
    const [interpreter = "", script = ""] = program;
    return [interpreter, inClone("test", "host", "fixtures", script), this.service, action];
  }

  async begin(): Promise<void> {
    await this.control("start");
    await until("the service announces its next sync", () => this.trace().includes("\n"));
  }

  async control(action: "start" | "stop" | "status"): Promise<number | null> {
    const [program, ...args] = this.serviceWords(action) as [string, ...string[]];
    const child = spawn(program, args, { stdio: "ignore" });
    return new Promise((done) => child.on("close", done));
  }

  /** Whether the service's process is there: what `status` says, without a process for the question. Linux only. */
  processIsThere(): boolean {
    const pid = this.readOption("pid").trim();
    if (pid === "") return false;
    try {
      const [, state = ""] = /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, "latin1")) ?? [];
      return !["", "Z", "X"].includes(state);
    } catch {
      return false;
    }
  }

  tracePath(date = new Date()): string {
    return join(this.home, `Trace_${date.getFullYear()}_${date.getMonth() + 1}.log`);
  }

  trace(): string {
    const path = this.tracePath();
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  addTrace(text: string): void {
    appendFileSync(this.tracePath(), text);
  }

  /** Makes the state folder, closed to others as the script makes it. */
  makeState(): void {
    mkdirSync(this.state, { mode: 0o700 });
    if (process.platform !== "win32") return;
    const rights = ["S-1-5-18", "S-1-5-32-544"].flatMap((who) => ["/grant", `*${who}:(OI)(CI)F`]);
    execFileSync("icacls.exe", [this.state, "/inheritance:r", ...rights], { stdio: "pipe" });
  }

  stateText(name: string): string {
    const path = join(this.state, name);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  update(changes: Partial<HostUpdate> = {}): HostUpdate {
    // Far more than any of it takes: what ends well ends early, on a busy machine too. A case whose law is a bound sets its own.
    const times = {
      stopTimeoutSeconds: 30,
      startTimeoutSeconds: 30,
      settleSeconds: 0,
      proofTimeoutSeconds: 30,
      patienceSeconds: 1,
    };
    const value = changes.value ?? FRESH;
    const update: HostUpdate = {
      consumer: "sesar",
      epoch: "2026-05",
      keyId: "11111111-2222-3333-4444-555555555555",
      revision: "1",
      attempt: "1",
      retry: 0,
      exitZeroFor: [],
      writer: WRITER,
      formerWriters: [],
      serviceManager: "command",
      service: ["SESAR (Secure Exchanges Send And Receive) é"],
      startCommand: this.serviceWords("start"),
      stopCommand: this.serviceWords("stop"),
      statusCommand: this.serviceWords("status"),
      filePath: this.file,
      fileMode: "content",
      content: changes.fileMode === "edit" ? "" : configuration(value),
      before: "",
      after: "",
      value,
      window: "trace",
      traceDirectory: this.home,
      tracePattern: "Trace_YYYY_M.log",
      tracePrefix: "Sync next lookup at ",
      traceSuffix: " ** You can stop the service before that time",
      traceInstances: [],
      failurePatterns: ["AADSTS7000215"],
      windowDaily: "",
      marginSeconds: 60,
      proofReencrypted: true,
      proofSyncLine: true,
      deadlineSeconds: 1,
      deadManSeconds: 1,
      ...times,
      ...changes,
    };
    if (slow > 1) {
      update.stopTimeoutSeconds *= slow;
      update.startTimeoutSeconds *= slow;
      update.proofTimeoutSeconds *= slow;
    }
    return {
      ...update,
      deadManSeconds: changes.deadManSeconds ?? leastDeadManSeconds(update),
      deadlineSeconds: changes.deadlineSeconds ?? leastDeadlineSeconds(update),
    };
  }

  /** Runs the script and waits for its end. */
  async run(mode: string, changes: Partial<HostUpdate> = {}): Promise<Finished> {
    return this.finish(this.spawn(mode, encodeHostInput(this.update(changes))));
  }

  /** Starts the script in a process group of its own, as an SSH server does. */
  spawn(mode: string, input: string | Buffer, environment: NodeJS.ProcessEnv = {}): ChildProcess {
    const child = this.start(mode, environment);
    child.stdin.end(input);
    return child;
  }

  /** The same with its standard input open, for who writes it by himself. */
  start(mode: string, environment: NodeJS.ProcessEnv = {}): ChildProcessWithoutNullStreams {
    const [program, ...args] = this.interpreter.command(this.script) as [string, ...string[]];
    const child = spawn(program, [...args, ...mode.split(" ")], {
      env: {
        ...hostEnvironment(),
        PATH: this.interpreter.path,
        ...this.interpreter.environment,
        ...environment,
      },
      // On Windows `detached` takes the console away, without which PowerShell ends at once and says nothing.
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    child.stdin.on("error", () => undefined); // a refusal may come before the end of the input
    return child;
  }

  async finish(child: ChildProcess): Promise<Finished> {
    let stdout = "";
    let stderr = "";
    child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise<number | null>((done) => {
      child.on("close", done);
      // On Windows what a command started may hold the streams open: the script's end is enough then.
      if (process.platform === "win32")
        child.on("exit", (ended) => void setTimeout(done, 2000, ended));
    });
    const report = stdout === "" ? undefined : parseHostReport(stdout);
    return { code, stdout, stderr, ...(report === undefined ? {} : { report }) };
  }

  /** Ends a dead-man switch that stays because the service does not run: it would start it once more. */
  endSwitch(): void {
    const pid = Number(this.stateText("deadman").split("-")[0]);
    if (!(pid > 0) || !this.stateText("report").includes("dead-man switch asks")) return;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // gone by itself
    }
  }

  async end(): Promise<void> {
    this.endSwitch();
    await this.control("stop");
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** The environment of a session: without what a PowerShell 7 around the tests puts in the way of Windows PowerShell. */
export function hostEnvironment(): NodeJS.ProcessEnv {
  const theirs = (name: string) => /^PSModulePath$/i.test(name) && process.platform === "win32";
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !theirs(name)));
}
