// One SSH connection to the lab's host, and a command on it with input.
import { Client } from "ssh2";
import type { LabHost } from "../lab/host/host";

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Connection {
  private constructor(private readonly client: Client) {}

  static async open({ host, port, user, privateKeyPem }: LabHost["ssh"]): Promise<Connection> {
    const client = new Client();
    await new Promise<void>((resolve, reject) => {
      client.once("ready", resolve).once("error", reject);
      client.connect({ host, port, username: user, privateKey: privateKeyPem });
    });
    return new Connection(client);
  }

  run(command: string, input = ""): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.client.exec(command, (error, channel) => {
        if (error !== undefined) {
          reject(error);
          return;
        }
        let code: number | null = null;
        let [stdout, stderr] = ["", ""];
        channel.on("data", (data: Buffer) => (stdout += data.toString()));
        channel.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
        channel.on("exit", (exitCode: number | null) => (code = exitCode));
        channel.on("close", () => resolve({ code, stdout, stderr }));
        channel.end(input);
      });
    });
  }

  close(): void {
    this.client.end();
  }
}
