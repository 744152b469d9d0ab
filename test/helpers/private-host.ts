// A host for one test, with accounts, settings and an SSH server of its own: this machine's own files under a mount
// namespace, in which every change stays in memory and is gone at the end. It needs root on Linux.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "./interpreters";
import { freePort } from "./openssh";
import { until } from "./until";

/** What a change may go to. /run is empty at the start, as after the host's own. */
const FOLDERS = ["etc", "home", "root", "usr", "var"];
const TOOLS = ["unshare", "nsenter", "sshd", "useradd", "setpriv", "ssh-keyscan", "ssh", "sftp"];
const PATH = "/usr/sbin:/usr/bin:/sbin:/bin";
const START_SECONDS = 10;

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Why there can be none here; undefined when there can. */
export function privateHostAbsent(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "it needs root on Linux";
  const missing = [...TOOLS, "apt-get"].filter((tool) => findProgram(tool, PATH) === undefined);
  if (missing.length > 0) return `${missing.join(", ")} must be installed (Debian or Ubuntu)`;
  return spawnSync("unshare", ["-m", "true"]).status === 0 ? undefined : "unshare -m is refused";
}

export class PrivateHost {
  private constructor(
    /** Of the test outside; the host sees it too. */
    readonly folder: string,
    /** The SSH server's, on 127.0.0.1 only. */
    readonly port: number,
    private readonly holder: ChildProcess,
  ) {}

  /** A host whose SSH server is installed and does not run. */
  static async open(): Promise<PrivateHost> {
    const folder = mkdtempSync(join(tmpdir(), "keyturn-host-"));
    const memory = join(folder, "memory");
    mkdirSync(memory);
    const script = [
      `mount -t tmpfs none ${memory}`,
      ...FOLDERS.flatMap((name) => {
        const [upper, work] = [join(memory, name), join(memory, `${name}.work`)];
        const where = `lowerdir=/${name},upperdir=${upper},workdir=${work}`;
        return [`mkdir ${upper} ${work}`, `mount -t overlay overlay -o ${where} /${name}`];
      }),
      "mount -t tmpfs none /run",
      `echo ready >${join(folder, "ready")}`,
      // Until this test's process has gone too.
      "exec cat",
    ];
    const holder = spawn("unshare", ["-m", "sh", "-ec", script.join("\n")], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    const host = new PrivateHost(folder, await freePort(), holder);
    try {
      await until("the private host", () => {
        if (holder.exitCode !== null) throw new Error("the private host ended at once");
        return existsSync(join(folder, "ready"));
      });
      host.script(`{ echo Port ${host.port}; echo ListenAddress 127.0.0.1; cat /etc/ssh/sshd_config; } >/etc/ssh/next
        mv /etc/ssh/next /etc/ssh/sshd_config
        ssh-keygen -A`);
      return host;
    } catch (error) {
      host.close();
      throw error;
    }
  }

  /** Runs a program on the host. */
  run(words: readonly string[], input = ""): Ran {
    const pid = String(this.holder.pid);
    const options = { encoding: "utf8", input, env: { PATH } } as const;
    const all = ["-t", pid, "-m", "--", ...words];
    const { status, stdout, stderr } = spawnSync("nsenter", all, options);
    return { status, stdout, stderr };
  }

  /** Runs lines of sh on the host, which must end well; what they printed. */
  script(text: string): string {
    const { status, stdout, stderr } = this.run(["sh", "-euc", text]);
    if (status !== 0) throw new Error(`on the private host: ${stderr}`);
    return stdout;
  }

  /** Puts a program of the test's in the place of one of the host's. */
  replace(program: string, body: string): void {
    const path = join(this.folder, "program");
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
    this.script(`cp ${path} ${program}`);
  }

  async startServer(): Promise<void> {
    this.script("service ssh start");
    const answers = (): boolean =>
      this.run(["ssh-keyscan", "-p", String(this.port), "127.0.0.1"]).stdout !== "";
    await until("the private host's SSH server", answers, START_SECONDS);
  }

  close(): void {
    this.run(["sh", "-c", "for each in /run/sshd.pid; do kill $(cat $each); done 2>/dev/null"]);
    this.holder.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
