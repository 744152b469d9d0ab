// A small SSH client for the tests: connect, run one command with input, and SFTP.
import {
  Client,
  type ClientChannel,
  type ConnectConfig,
  type ExecOptions,
  type SFTPWrapper,
} from "ssh2";

export interface Outcome {
  readonly code: number | null;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export function connect(settings: ConnectConfig): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    client.once("ready", () => resolve(client));
    client.on("error", (error) => {
      reject(error);
      client.end();
    });
    client.once("close", () => reject(new Error("closed before it was ready")));
    client.connect({ host: "127.0.0.1", readyTimeout: 10_000, ...settings });
  });
}

/** A command that was started; its outcome is collected from the first byte on. */
export interface Started {
  readonly channel: ClientChannel;
  readonly outcome: Promise<Outcome>;
}

export function open(client: Client, command: string, options: ExecOptions = {}): Promise<Started> {
  return new Promise((resolve, reject) => {
    client.exec(command, options, (error, channel) => {
      // The exit status may come in the same piece as the answer, so listen before anything else runs.
      if (error === undefined) resolve({ channel, outcome: collect(channel) });
      else reject(error);
    });
  });
}

function collect(channel: ClientChannel): Promise<Outcome> {
  return new Promise((resolve) => {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let code: number | null = null;
    let signal: string | undefined;
    channel.on("data", (data: Buffer) => out.push(data));
    channel.stderr.on("data", (data: Buffer) => err.push(data));
    channel.on("exit", (exitCode: number | null, exitSignal?: string) => {
      code = exitCode;
      signal = exitSignal;
    });
    channel.on("close", () => {
      const [stdout, stderr] = [Buffer.concat(out).toString(), Buffer.concat(err).toString()];
      resolve({ code, signal, stdout, stderr });
    });
  });
}

/** Runs a command with this input, and ends the input after it. */
export async function run(
  client: Client,
  command: string,
  input: string | Buffer = "",
): Promise<Outcome> {
  const { channel, outcome } = await open(client, command);
  channel.end(input);
  return outcome;
}

export function sftp(client: Client): Promise<SFTPWrapper> {
  return new Promise((resolve, reject) => {
    client.sftp((error, session) => {
      if (error === undefined) resolve(session);
      else reject(error);
    });
  });
}

/** The promise of a callback; a call that gives nothing resolves to undefined. */
export function promised<T = undefined>(
  call: (done: (error?: Error | null, value?: T) => void) => unknown,
): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => {
      if (error) reject(error);
      else resolve(value as T);
    });
  });
}
