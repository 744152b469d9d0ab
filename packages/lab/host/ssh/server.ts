// The host's SSH server: one user, one key, commands and SFTP; no shell, terminal, password or forwarding.
import { type AddressInfo, type Server as TcpServer, type Socket, createServer } from "node:net";
import { type AuthContext, type Connection, Server, type Session, utils } from "ssh2";
import { type ConnectionFault, HostFaults, suffer } from "../faults";
import type { KeyPair } from "../keys";
import { type RunningCommand, runCommand } from "./exec";
import { serveSftp } from "./sftp";

export interface SshSettings {
  readonly user: string;
  readonly hostKey: KeyPair;
  /** The only key that may sign in, as one authorized_keys line. */
  readonly authorizedKey: string;
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Program and arguments before a command; the program is found on the environment's PATH. @default /bin/sh -c */
  readonly shell?: readonly [string, ...string[]];
  /** Names of variables that a client may set; others are refused, as OpenSSH does. */
  readonly acceptEnv: readonly string[];
  /** Whether a running command's process group gets SIGHUP when its connection is lost. */
  readonly hangUpOnDisconnect: boolean;
}

const HOST = "127.0.0.1";
const SH = ["/bin/sh", "-c"] as const;
const NO_RSA =
  "The lab's SSH server must have another host key than one for RSA: its library signs by SHA-1 with that, whatever it is " +
  "told, and OpenSSH refuses that since 8.8. Give it an ed25519 or ecdsa key.";

/** A connection, and what it has to suffer. */
interface Accepted {
  readonly socket: Socket;
  readonly fault: ConnectionFault;
}

export class SshServer {
  readonly faults: HostFaults;
  private readonly settings: SshSettings;
  private readonly ssh: Server;
  private readonly sockets = new Set<Socket>();
  /** By the client's port, until the SSH library has seen the client's first line. */
  private readonly waiting = new Map<number, Accepted>();
  private tcp: TcpServer | undefined;
  private listenPort = 0;

  constructor(settings: SshSettings) {
    this.settings = settings;
    this.faults = new HostFaults((refuse) => (refuse ? this.closePort() : this.openPort()));
    if (settings.hostKey.publicKeyLine.startsWith("ssh-rsa ")) throw new Error(NO_RSA);
    this.ssh = new Server({ hostKeys: [settings.hostKey.privateKeyPem], ident: "keyturn-lab" });
    this.ssh.on("error", () => undefined);
    this.ssh.on("connection", (connection, client) => {
      const accepted = this.waiting.get(client.port);
      if (accepted !== undefined) this.serve(connection, accepted);
    });
  }

  get port(): number {
    return this.listenPort;
  }

  async listen(port: number): Promise<void> {
    this.listenPort = port;
    await this.openPort();
  }

  /** Breaks every open connection, as a lost network does. */
  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    await this.closePort();
    this.dropConnections();
  }

  private async openPort(): Promise<void> {
    if (this.tcp !== undefined) return;
    const tcp = createServer((socket) => void this.accept(socket));
    this.tcp = tcp;
    await new Promise<void>((resolve, reject) => {
      tcp.once("error", (error) => {
        this.tcp = undefined;
        reject(error);
      });
      tcp.listen(this.listenPort, HOST, resolve);
    });
    this.listenPort = (tcp.address() as AddressInfo).port;
  }

  private async closePort(): Promise<void> {
    const tcp = this.tcp;
    this.tcp = undefined;
    // Open connections live on; `close` would wait for them.
    if (tcp !== undefined) await Promise.resolve(tcp.close());
  }

  private async accept(socket: Socket): Promise<void> {
    this.sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.once("close", () => this.sockets.delete(socket));
    const fault = this.faults.next();
    if (fault.silent) return;
    await suffer(fault);
    const clientPort = socket.remotePort;
    if (socket.destroyed || clientPort === undefined) return;
    this.waiting.set(clientPort, { socket, fault });
    socket.once("close", () => this.waiting.delete(clientPort));
    this.ssh.injectSocket(socket);
  }

  private serve(connection: Connection, accepted: Accepted): void {
    const running = new Set<RunningCommand>();
    connection.on("error", () => undefined);
    connection.on("authentication", (context) => this.authenticate(context));
    connection.on("session", (accept) => {
      this.serveSession(accept(), running, accepted);
    });
    connection.on("close", () => {
      for (const command of running) command.connectionLost(this.settings.hangUpOnDisconnect);
    });
  }

  private authenticate(context: AuthContext): void {
    const expected = utils.parseKey(this.settings.authorizedKey);
    if (
      context.method !== "publickey" ||
      context.username !== this.settings.user ||
      expected instanceof Error ||
      context.key.algo !== expected.type ||
      !context.key.data.equals(expected.getPublicSSH())
    ) {
      context.reject(["publickey"]);
      return;
    }
    const { signature, blob, hashAlgo } = context;
    if (signature === undefined || blob === undefined) {
      context.accept();
      return;
    }
    // The library gives an Error, not false, for a signature that it cannot read.
    const verified: unknown = expected.verify(blob, signature, hashAlgo);
    if (verified === true) context.accept();
    else context.reject(["publickey"]);
  }

  private serveSession(
    session: Session,
    running: Set<RunningCommand>,
    { socket, fault }: Accepted,
  ): void {
    const environment = this.environmentFor(socket);
    let command: RunningCommand | undefined;
    session.on("env", (accept, reject, info) => {
      if (this.settings.acceptEnv.includes(info.key)) {
        environment[info.key] = info.val;
        settle(accept);
      } else settle(reject);
    });
    session.on("signal", (accept, reject, info) => {
      if (command === undefined) settle(reject);
      else {
        command.signal(`SIG${info.name.replace(/^SIG/, "")}` as NodeJS.Signals);
        settle(accept);
      }
    });
    session.on("exec", (accept, _reject, info) => {
      const settings = {
        shell: this.settings.shell ?? SH,
        home: this.settings.home,
        environment,
        fault,
        cut: () => socket.destroy(),
      };
      const started: RunningCommand = runCommand(accept(), info.command, settings, () => {
        running.delete(started);
      });
      command = started;
      running.add(started);
    });
    session.on("sftp", (accept) => {
      serveSftp(accept(), this.settings.home, (bytes) => {
        if (bytes >= (fault.cutCopyAfterBytes ?? Infinity)) socket.destroy();
      });
    });
  }

  private environmentFor(socket: Socket): Record<string, string> {
    const client = `${socket.remoteAddress ?? ""} ${String(socket.remotePort)}`;
    return {
      ...this.settings.environment,
      SSH_CLIENT: `${client} ${this.listenPort}`,
      SSH_CONNECTION: `${client} ${HOST} ${this.listenPort}`,
    };
  }
}

/** Answers a request that wants an answer; one that does not gives no function. */
function settle(answer: (() => unknown) | undefined): void {
  answer?.();
}
