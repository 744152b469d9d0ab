// A TCP relay before an SSH server, for the faults that a network has: it refuses, stays silent, or breaks off.
import { once } from "node:events";
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";

const HOST = "127.0.0.1";

export class Relay {
  /** Bytes that each connection has carried to the server; 0 for one that was broken off. */
  readonly carried: number[] = [];
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private silent = false;
  private cutAfterBytes = Infinity;
  private spared = 0;
  private listenPort = 0;

  constructor(private readonly target: number) {}

  get port(): number {
    return this.listenPort;
  }

  async open(): Promise<void> {
    this.silent = false;
    this.cutAfterBytes = Infinity;
    if (this.server !== undefined) return;
    const server = createServer((socket) => this.serve(socket));
    this.server = server;
    server.listen(this.listenPort, HOST);
    await once(server, "listening");
    this.listenPort = (server.address() as AddressInfo).port;
  }

  /** Closes the port; open connections live on. */
  refuse(): void {
    this.server?.close();
    this.server = undefined;
  }

  /** Accepts connections from now on and passes nothing on. */
  beSilent(): void {
    this.silent = true;
  }

  /** Breaks a connection off once it has carried so many bytes to the server; the first `spared` of those go on. */
  cutAfter(bytes: number, spared = 0): void {
    this.cutAfterBytes = bytes;
    this.spared = spared;
  }

  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  close(): void {
    this.refuse();
    this.dropConnections();
  }

  private serve(client: Socket): void {
    this.keep(client);
    if (this.silent) {
      client.resume();
      return;
    }
    const server = this.keep(connect(this.target, HOST));
    const at = this.carried.push(0) - 1;
    let isSpared = false;
    client.on("data", (data: Buffer) => {
      const before = this.carried[at] ?? 0;
      this.carried[at] = before + data.length;
      const left = this.cutAfterBytes - before;
      if (data.length >= left && !isSpared && this.spared > 0) {
        this.spared -= 1;
        isSpared = true;
      }
      if (data.length < left || isSpared) {
        server.write(data);
        return;
      }
      this.carried[at] = 0;
      server.end(data.subarray(0, Math.max(left, 0)));
      client.destroy();
    });
    server.pipe(client);
    client.once("close", () => server.end());
    server.once("close", () => client.destroy());
  }

  private keep(socket: Socket): Socket {
    this.sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.once("close", () => this.sockets.delete(socket));
    return socket;
  }
}
