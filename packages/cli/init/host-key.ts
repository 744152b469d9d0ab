// Asks a host for its public key, for a person to compare: it signs in to nothing and sends nothing of ours.
import { Client } from "ssh2";
import { whenLate } from "../../../src/http/pace";

const SECONDS = 10;
const SSH_PORT = 22;
/** Those that the command plugin can hold a host to, the best first; src/contracts/host-key.ts says why. */
const TYPES = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
] as const;
const LENGTH_BYTES = 4;

/** The key's line as in ssh_host_ed25519_key.pub, without a comment; undefined when the host shows none in time. */
export function shownHostKey(host: string, port = SSH_PORT): Promise<string | undefined> {
  const client = new Client();
  return new Promise<string | undefined>((resolve) => {
    const inTime = whenLate(SECONDS, () => resolve(undefined));
    const end = (line?: string): void => {
      inTime();
      resolve(line);
    };
    client.on("error", () => end());
    client.on("close", () => end());
    client.connect({
      host,
      port,
      username: "nobody",
      readyTimeout: 0,
      algorithms: { serverHostKey: [...TYPES] },
      hostVerifier: (key: Buffer) => {
        end(lineOf(key));
        return false;
      },
    });
  }).finally(() => client.destroy());
}

function lineOf(key: Buffer): string {
  const length = key.readUInt32BE();
  const type = key.subarray(LENGTH_BYTES, LENGTH_BYTES + length).toString("latin1");
  return `${type} ${key.toString("base64")}`;
}
