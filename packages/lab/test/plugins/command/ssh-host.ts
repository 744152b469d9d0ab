// A small SSH host for the tests: /bin/sh for commands, SFTP inside a folder of its own, one user, one key.
// It refuses every environment variable but those that a test names.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, closeSync, rmSync, statSync, writeSync } from "node:fs";
import { connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Server, utils } from "ssh2";
import type { Connection, ServerChannel, Session, SFTPWrapper } from "ssh2";

const { STATUS_CODE } = utils.sftp;

/** A new key; about one in three hundred that ssh2 1.17 makes cannot be read, so those are left out. */
export function keyPair(): { readonly private: string; readonly public: string } {
  for (;;) {
    const pair = utils.generateKeyPairSync("ed25519");
    const readable = [pair.private, pair.public].every(
      (text) => !(utils.parseKey(text) instanceof Error),
    );
    if (readable) return pair;
  }
}

export interface SshHostOptions {
  readonly acceptEnv?: readonly string[];
  readonly password?: string;
  /** The user's key pair. @default a new one, in OpenSSH's form */
  readonly user?: { readonly private: string; readonly public: string };
  /** Connections that are closed before anything is said. @default 0 */
  readonly refusals?: number;
  /** It passes connections on, as a jump host does. @default false */
  readonly forwards?: boolean;
}

export class SshHost {
  readonly hostKey: string;
  readonly privateKey: string;
  /** What SFTP calls `/`. */
  readonly root = mkdtempSync(join(tmpdir(), "ssh-host-"));
  readonly environments: Record<string, string>[] = [];
  connections = 0;
  /** Is told of each piece of a file that arrives, before it is written. */
  onWrite: (() => void) | undefined;
  private readonly server: Server;
  private readonly clients = new Set<Connection>();

  constructor(private readonly options: SshHostOptions = {}) {
    const host = keyPair();
    const user = options.user ?? keyPair();
    this.hostKey = host.public;
    this.privateKey = user.private;
    const allowed = utils.parseKey(user.public);
    if (allowed instanceof Error) throw allowed;
    mkdirSync(join(this.root, "tmp"));
    this.server = new Server({ hostKeys: [host.private] }, (client) => {
      this.connections += 1;
      if (this.connections <= (options.refusals ?? 0)) {
        client.end();
        return;
      }
      // Not in the library's declarations; without it each packet waits for the last one's receipt.
      (client as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true);
      this.clients.add(client);
      client.on("close", () => this.clients.delete(client));
      client.on("error", () => undefined);
      client.on("authentication", (attempt) => {
        const isKey = attempt.method === "publickey" && allowed.equals(attempt.key.data);
        const isPassword =
          attempt.method === "password" &&
          options.password !== undefined &&
          attempt.password === options.password;
        if (attempt.username === "root" && (isKey || isPassword)) attempt.accept();
        else attempt.reject(options.password === undefined ? ["publickey"] : ["password"]);
      });
      client.on("session", (accept) => this.serve(accept()));
      if (options.forwards === true) {
        client.on("tcpip", (accept, _reject, { destIP, destPort }) => {
          const channel = accept();
          const onward = connect(destPort, destIP);
          channel.pipe(onward).pipe(channel);
          onward.on("error", () => channel.close());
        });
      }
    });
  }

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.server.listen(0, "127.0.0.1", () =>
        resolve((this.server.address() as AddressInfo).port),
      );
    });
  }

  /** Connections that are open now. */
  get open(): number {
    return this.clients.size;
  }

  /** Drops every connection, as a lost network does. */
  drop(): void {
    for (const client of this.clients) client.end();
  }

  async close(): Promise<void> {
    this.drop();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
    rmSync(this.root, { recursive: true });
  }

  private serve(session: Session): void {
    const environment: Record<string, string> = {};
    session.on("env", (accept, reject, info) => {
      const { key, val } = info;
      if (this.options.acceptEnv?.includes(key) !== true) {
        (reject as (() => void) | undefined)?.();
        return;
      }
      environment[key] = val;
      (accept as (() => void) | undefined)?.();
    });
    session.on("exec", (accept, _reject, { command }) => {
      this.environments.push(environment);
      run(accept(), command, environment);
    });
    session.on("sftp", (accept) => serveFiles(accept(), this.root, () => this.onWrite?.()));
  }
}

function run(channel: ServerChannel, command: string, environment: Record<string, string>): void {
  const child = spawn("/bin/sh", ["-c", command], { env: { ...process.env, ...environment } });
  channel.pipe(child.stdin);
  child.stdin.on("error", () => undefined);
  child.stdout.on("data", (chunk: Buffer) => channel.write(chunk));
  child.stderr.on("data", (chunk: Buffer) => channel.stderr.write(chunk));
  child.once("close", (code, signal) => {
    if (signal === null) channel.exit(code ?? 0);
    else channel.exit(signal.replace("SIG", ""));
    channel.end();
  });
}

function serveFiles(sftp: SFTPWrapper, root: string, onWrite: () => void): void {
  const files = new Map<number, number>();
  const answer = (id: number, work: () => void): void => {
    try {
      work();
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
      sftp.status(id, missing ? STATUS_CODE.NO_SUCH_FILE : STATUS_CODE.FAILURE);
    }
  };
  const attributes = (id: number, path: string): void =>
    answer(id, () => {
      const { mode, uid, gid, size, atimeMs, mtimeMs } = statSync(join(root, path));
      const [atime, mtime] = [Math.floor(atimeMs / 1000), Math.floor(mtimeMs / 1000)];
      sftp.attrs(id, { mode, uid, gid, size, atime, mtime });
    });
  sftp.on("STAT", attributes);
  sftp.on("LSTAT", attributes);
  sftp.on("MKDIR", (id, path) =>
    answer(id, () => {
      mkdirSync(join(root, path));
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on("OPEN", (id, path, flags) =>
    answer(id, () => {
      const file = openSync(join(root, path), utils.sftp.flagsToString(flags) ?? "r");
      files.set(file, file);
      const handle = Buffer.alloc(4);
      handle.writeUInt32BE(file);
      sftp.handle(id, handle);
    }),
  );
  sftp.on("WRITE", (id, handle, offset, data) =>
    answer(id, () => {
      onWrite();
      writeSync(files.get(handle.readUInt32BE()) ?? -1, data, 0, data.length, offset);
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on("CLOSE", (id, handle) =>
    answer(id, () => {
      closeSync(handle.readUInt32BE());
      files.delete(handle.readUInt32BE());
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
}
