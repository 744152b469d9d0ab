// The engine's connection to a stand-in, which a test can break as the engine's death does: unasked, at once.
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";

const LOOPBACK = "127.0.0.1";

export class Line {
  private constructor(
    private readonly server: Server,
    private readonly ends: Set<Socket>,
  ) {}

  static async to(port: number): Promise<Line> {
    const ends = new Set<Socket>();
    const keep = (socket: Socket): Socket => {
      ends.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => ends.delete(socket));
      return socket;
    };
    const server = createServer((engine) => {
      const standIn = keep(connect(port, LOOPBACK));
      keep(engine).pipe(standIn).pipe(engine);
    });
    await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
    return new Line(server, ends);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Breaks it for good. */
  cut(): void {
    this.server.close();
    for (const socket of this.ends) socket.destroy();
  }
}
