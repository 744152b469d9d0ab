// Looks whether a host's SSH server answers by its own key and lets the user in, whether a Windows host lets the update script
// run, and whether the script's place is closed to others, before anything is carried there; each wait has a bound. Input as
// JSON on standard input; nothing is run on a host but that question, nothing is printed when it is well.
import { createHash } from "node:crypto";
import { lookup } from "node:dns/promises";
import { Client, type ConnectConfig, utils } from "ssh2";
import { LOOK_DEADLINE_SECONDS, type ReachInput, reachInput } from "../contracts/check-ssh";
import { hostKeyProblem } from "../contracts/host-key";
import { insist, realPace, whenLate } from "../http/pace";
import { scriptProblem } from "./ask-host";
import { readInput } from "./input";
import { runStep } from "./program";
import { readableKey } from "./ssh-private-key";

/** Bounds of one try, and of the time in which another one begins; a test gives its own. */
export interface ReachBounds {
  readonly seconds: number;
  readonly tryingSeconds: number;
}

const BOUNDS: ReachBounds = { seconds: 15, tryingSeconds: 35 };

/** How OpenSSH for Windows names itself. */
const WINDOWS = /^Remote ident: .*_for_Windows/;
/** Groups by number, since Windows calls them in its own language. */
const ON_WINDOWS =
  "where OpenSSH for Windows looks for it: of an administrator's only in " +
  "C:\\ProgramData\\ssh\\administrators_authorized_keys, and only while nobody but Administrators and SYSTEM has access " +
  "to that file (icacls C:\\ProgramData\\ssh\\administrators_authorized_keys /inheritance:r /grant *S-1-5-32-544:F " +
  "/grant *S-1-5-18:F); of anybody else's in .ssh\\authorized_keys of the profile";

/** What one try found: nothing, or what is wrong and whether another try may find something else. */
interface Fault {
  readonly sentence: string;
  readonly passing: boolean;
}

/** @throws Error with one sentence for the operator, never with a key of ours */
export async function reach(input: ReachInput, bounds: ReachBounds = BOUNDS): Promise<void> {
  const until = bounds.tryingSeconds;
  const once = (): Promise<Fault | undefined> => look(input, bounds.seconds);
  const fault = await insist(realPace(), once, (found) => (found?.passing ? { until } : undefined));
  if (fault !== undefined)
    throw new Error(`${input.consumer}: ${fault.sentence} Nothing was touched.`);
}

async function look(input: ReachInput, seconds: number): Promise<Fault | undefined> {
  const { host, port, user, hostKey } = input;
  const privateKey = readableKey(input.privateKey);
  const where = `the SSH server ${host}:${port}`;
  if (utils.parseKey(privateKey) instanceof Error) {
    const sentence =
      `the private key in consumerSecrets.${input.consumer}.privateKey must be in OpenSSH's or PEM's form, without a ` +
      `passphrase, but it cannot be read.`;
    return { sentence, passing: false };
  }
  const wrong = hostKeyProblem(hostKey);
  if (wrong !== undefined) {
    return { sentence: `connection.hostKey of ${where} ${wrong}.`, passing: false };
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
  let onWindows = false;
  const client = new Client();
  try {
    return await new Promise<Fault | undefined>((resolve) => {
      const inTime = whenLate(seconds, () => {
        const sentence =
          `${where} must answer within ${seconds} seconds, but does not. See that the host is up, that no firewall is in ` +
          `between, and that connection.port is the SSH server's.`;
        resolve({ sentence, passing: true });
      });
      const end = (fault?: Fault): void => {
        inTime();
        resolve(fault);
      };
      client.once("ready", () => {
        inTime();
        void refused().then(end);
      });
      client.once("error", (error) => end(faultOf(error)));
      client.once("close", () => end(faultOf(new Error("it has closed the connection"))));
      const config: ConnectConfig = {
        host,
        port,
        privateKey,
        username: user,
        readyTimeout: 0,
        debug: (said) => {
          onWindows ||= WINDOWS.test(said);
        },
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

  async function refused(): Promise<Fault | undefined> {
    const { scriptPath } = input;
    const sentence = await scriptProblem(client, { where, onWindows, scriptPath }, seconds);
    return sentence === undefined ? undefined : { sentence, passing: false };
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
        `refuses it. Correct connection.user, or put the public key ${onWindows ? ON_WINDOWS : "into the user's authorized keys"}.`;
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

/** The one that the command plugin offers, for a key that it can hold a host to. */
function algorithmsOf(type: string): never[] {
  // The vendor's types name each algorithm; which of them the other side knows is found out by the handshake.
  return [type] as never[];
}

/** Reads the input. @throws Error that quotes nothing of it, since it holds a key */
export function parseReachInput(given: string): ReachInput {
  return readInput("The input of the look at the host", reachInput, given);
}

/** The program: exit code 1 with a sentence on standard error when the host cannot be reached. */
export function run(): Promise<void> {
  return runStep({
    parse: parseReachInput,
    deadline: ({ consumer, host, port }) => ({
      seconds: LOOK_DEADLINE_SECONDS,
      late:
        `${consumer}: the SSH server ${host}:${port} must be found within ${LOOK_DEADLINE_SECONDS} seconds, but is not. ` +
        `See that the name service answers. Nothing was touched.`,
    }),
    act: async (input) => {
      await reach(input);
      return "";
    },
    otherwise: "The look at the host failed.",
    code: "sshCheck",
  });
}

if (require.main === module) void run();
