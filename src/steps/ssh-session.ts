// Runs one command on a host by the key that it is known by, its input on standard input; what it prints is bounded. Nothing
// is written to the host by this, and nothing is logged.
import { Client } from "ssh2";
import { whenLate } from "../http/pace";
import { readableKey } from "./ssh-private-key";

/** The host, its key as in known_hosts without the name, and who signs in. */
export interface SshPlace {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
  readonly privateKey: string;
}

/** What a command printed, cut at {@link MOST_OUTPUT}, and its exit code; undefined when it was ended by a signal. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | undefined;
}

/** Characters that are kept of each stream; a host that prints more is not believed anyway. */
export const MOST_OUTPUT = 131_072;

/** @throws Error whose message is a clause, with nothing of the input */
export async function runOverSsh(
  { host, port, user, hostKey, privateKey }: SshPlace,
  command: string,
  input: string,
  seconds: number,
): Promise<Ended> {
  const [type = "", key = ""] = hostKey.split(/\s+/);
  const client = new Client();
  try {
    return await new Promise<Ended>((resolve, reject) => {
      const inTime = whenLate(seconds, () =>
        reject(new Error(`it has not ended within ${seconds} seconds`)),
      );
      const failed = (error: Error & { code?: string }): void => {
        inTime();
        reject(new Error(error.code ?? "the connection has ended"));
      };
      client.once("error", failed);
      client.once("close", () => failed(new Error()));
      client.once("ready", () => {
        runOn(client, command, input).then((ended) => {
          inTime();
          resolve(ended);
        }, failed);
      });
      client.connect({
        host,
        port,
        privateKey: readableKey(privateKey),
        username: user,
        readyTimeout: 0,
        // The vendor's types name each algorithm; which of them the other side knows is found out by the handshake.
        algorithms: { serverHostKey: [type] as never[] },
        hostVerifier: (given: Buffer) => given.equals(Buffer.from(key, "base64")),
      });
    });
  } finally {
    client.on("error", () => undefined);
    client.destroy();
  }
}

/** Runs one command over a connection that is open. @throws Error of the server's, when it takes no command */
export function runOn(client: Client, command: string, input: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error !== undefined) {
        reject(error);
        return;
      }
      let stdout = "";
      let stderr = "";
      let code: number | undefined;
      channel.on("data", (chunk: Buffer) => {
        if (stdout.length < MOST_OUTPUT) stdout += chunk.toString("utf8");
      });
      channel.stderr.on("data", (chunk: Buffer) => {
        if (stderr.length < MOST_OUTPUT) stderr += chunk.toString("utf8");
      });
      channel.once("exit", (given: number | null) => {
        code = given ?? undefined;
      });
      channel.once("close", () => resolve({ stdout, stderr, code }));
      channel.on("error", () => undefined);
      channel.end(input);
    });
  });
}
