// OpenSSH's own sshd on loopback, as the user who runs the tests, with keys and configuration in a folder of its own.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { type AddressInfo } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { type KeyPair, createKeyPair } from "../../packages/lab/host/keys";
import { until } from "./until";

const SSHD = "/usr/sbin/sshd";
const START_DEADLINE_MS = 10_000;

/** Why sshd cannot be run here; undefined when it can. */
export function opensshAbsent(): string | undefined {
  return existsSync(SSHD) ? undefined : "sshd is not installed (Debian package openssh-server)";
}

export class OpenSshServer {
  readonly user = userInfo().username;
  readonly hostKey: string;
  readonly privateKeyPem: string;

  private constructor(
    readonly port: number,
    private readonly child: ChildProcess,
    keys: { readonly hostKey: string; readonly privateKeyPem: string },
  ) {
    this.hostKey = keys.hostKey;
    this.privateKeyPem = keys.privateKeyPem;
  }

  /**
   * @param folder made for it; only its owner may read it
   * @param host its own key pair
   * @param bin a folder that stands first on the PATH of what it starts
   */
  static async start(
    folder: string,
    host: KeyPair = createKeyPair(),
    bin?: string,
  ): Promise<OpenSshServer> {
    mkdirSync(folder, { mode: 0o700 });
    const client = createKeyPair();
    const write = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    };
    const port = await freePort();
    const lines = [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${write("host_key", host.privateKeyPem)}`,
      `AuthorizedKeysFile ${write("authorized_keys", `${client.publicKeyLine}\n`)}`,
      `PidFile ${join(folder, "pid")}`,
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "PermitRootLogin prohibit-password",
      "StrictModes no",
      "UsePAM no",
      "Subsystem sftp internal-sftp",
      ...(bin === undefined ? [] : [`SetEnv PATH=${bin}:/usr/local/bin:/usr/bin:/bin`]),
    ];
    // As root it gives up its rights in this empty folder, which the package's service makes.
    if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
    const config = write("config", lines.join("\n"));
    // Since OpenSSH 9.8 failed sign-ins are punished by a time of silence; the tests fail on purpose.
    const lenient = write("config-lenient", [...lines, "PerSourcePenalties no"].join("\n"));
    const knows = spawnSync(SSHD, ["-t", "-f", lenient]).status === 0;
    const log = join(folder, "log");
    const child = spawn(SSHD, ["-D", "-f", knows ? lenient : config, "-E", log], {
      stdio: "ignore",
    });
    const logged = (): string => (existsSync(log) ? readFileSync(log, "utf8") : "");
    await until(
      "sshd to listen",
      () => {
        if (child.exitCode !== null) throw new Error(`sshd ended at once: ${logged()}`);
        return logged().includes("Server listening");
      },
      START_DEADLINE_MS / 1000,
    );
    const { privateKeyPem } = client;
    return new OpenSshServer(port, child, { hostKey: host.publicKeyLine, privateKeyPem });
  }

  stop(): void {
    this.child.kill();
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
