// Looks whether a host's SSH server answers by its own key and lets the user in, before anything is carried there; each
// wait has a bound. Input as JSON on standard input; nothing is run on the host, nothing is printed when it is well.
import { createHash } from "node:crypto";
import { lookup } from "node:dns/promises";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { Client, type ConnectConfig, utils } from "ssh2";
import { type ReachInput, reachInput } from "../components/pure/reach";
import { readInput } from "./input";

/** Bounds of one try, and between tries; a test gives its own. */
export interface ReachBounds {
  readonly seconds: number;
  readonly tries: number;
  readonly pauseSeconds: number;
}

const BOUNDS: ReachBounds = { seconds: 15, tries: 3, pauseSeconds: 2 };

/** What one try found: nothing, or what is wrong and whether another try may find something else. */
interface Fault {
  readonly sentence: string;
  readonly passing: boolean;
}

/** @throws Error with one sentence for the operator, never with a key of ours */
export async function reach(input: ReachInput, bounds: ReachBounds = BOUNDS): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const fault = await look(input, bounds.seconds);
    if (fault === undefined) return;
    if (!fault.passing || tries === bounds.tries) {
      throw new Error(`${input.consumer}: ${fault.sentence} Nothing was touched.`);
    }
    await delay(bounds.pauseSeconds * 1000);
  }
}

async function look(input: ReachInput, seconds: number): Promise<Fault | undefined> {
  const { host, port, user, hostKey, privateKey } = input;
  const where = `the SSH server ${host}:${port}`;
  if (utils.parseKey(privateKey) instanceof Error) {
    const sentence =
      `the private key in consumerSecrets.${input.consumer}.privateKey must be in OpenSSH's or PEM's form, without a ` +
      `passphrase, but it cannot be read.`;
    return { sentence, passing: false };
  }
  try {
    await lookup(host);
  } catch {
    const sentence =
      `${host} must have an address, but the name does not resolve. Correct connection.host, or the name service of ` +
      `the machine that runs Pulumi.`;
    return { sentence, passing: true };
  }
  const [type = "", key = ""] = hostKey.split(/\s+/);
  let shown: Buffer | undefined;
  let isHost = false;
  const client = new Client();
  try {
    return await new Promise<Fault | undefined>((resolve) => {
      const late = setTimeout(() => {
        const sentence =
          `${where} must answer within ${seconds} seconds, but does not. See that the host is up, that no firewall is in ` +
          `between, and that connection.port is the SSH server's.`;
        resolve({ sentence, passing: true });
      }, seconds * 1000);
      const end = (fault?: Fault): void => {
        clearTimeout(late);
        resolve(fault);
      };
      client.once("ready", () => end());
      client.once("error", (error) => end(faultOf(error)));
      client.once("close", () => end(faultOf(new Error("it has closed the connection"))));
      const config: ConnectConfig = {
        ...{ host, port, privateKey, username: user, readyTimeout: 0 },
        algorithms: { serverHostKey: algorithmsOf(type) },
        hostVerifier: (given: Buffer) => {
          shown = given;
          isHost = given.equals(Buffer.from(key, "base64"));
          return isHost;
        },
      };
      client.connect(config);
    });
  } finally {
    client.on("error", () => undefined);
    client.destroy();
  }

  function faultOf(error: Error & { level?: string; code?: string }): Fault {
    if (shown !== undefined && !isHost) return { sentence: otherKey(where, shown), passing: false };
    if (/no matching host key/i.test(error.message)) {
      const sentence = `${where} must have a host key of the type ${type}, but has none. Correct connection.hostKey.`;
      return { sentence, passing: false };
    }
    if (error.level === "client-authentication") {
      const sentence =
        `${where} must let the user ${user} in by the private key in consumerSecrets.${input.consumer}.privateKey, but ` +
        `refuses it. Correct connection.user, or put the public key into the user's authorized keys.`;
      return { sentence, passing: false };
    }
    const why = error.code ?? "it ends the connection";
    const sentence =
      `${where} must accept a connection, but does not (${why}). See that the SSH server runs, and that connection.port ` +
      `is its port.`;
    return { sentence, passing: true };
  }
}

function otherKey(where: string, shown: Buffer): string {
  const fingerprint = createHash("sha256").update(shown).digest("base64").replace(/=+$/, "");
  return (
    `${where} must prove itself by connection.hostKey, but shows another key, SHA256:${fingerprint}. If the host was set ` +
    `up anew, compare that with the host's own (ssh-keygen -l) and correct connection.hostKey; if not, somebody may be ` +
    `in between.`
  );
}

/** A key of one type signs in ways of its own. */
function algorithmsOf(type: string): never[] {
  const names = type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] : [type];
  // The vendor's types name each algorithm; which of them the other side knows is found out by the handshake.
  return names as never[];
}

/** Reads the input. @throws Error that quotes nothing of it, since it holds a key */
export function parseReachInput(given: string): ReachInput {
  return readInput("The input of the look at the host", reachInput, given);
}

/** The program: exit code 1 with a sentence on standard error when the host cannot be reached. */
export async function run(): Promise<void> {
  try {
    await reach(parseReachInput(await text(process.stdin)));
    process.exit(0);
  } catch (error) {
    const message = error instanceof Error ? error.message : "The look at the host failed.";
    process.stderr.write(`keyturn: ${message}\n`);
    process.exit(1);
  }
}

if (require.main === module) void run();
