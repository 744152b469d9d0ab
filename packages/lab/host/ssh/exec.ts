// One command over SSH: a real process in its own process group, its streams joined to the channel.
import { type ChildProcess, spawn } from "node:child_process";
import { type Readable, Transform, type TransformCallback } from "node:stream";
import type { ServerChannel } from "ssh2";
import { type ConnectionFault, suffer } from "../faults";

export interface ExecSettings {
  /** Program and arguments before the command. */
  readonly shell: readonly [string, ...string[]];
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly fault: ConnectionFault;
  /** Breaks the whole connection, as a lost network does. */
  readonly cut: () => void;
}

/** A command that runs; the connection tells it when it is lost. */
export interface RunningCommand {
  readonly pid: number | undefined;
  signal(name: NodeJS.Signals): void;
  /** The connection is gone: the streams are closed, and the process group is told so by SIGHUP if asked. */
  connectionLost(hangUp: boolean): void;
}

/** Has the shell run the command, passes its exit status or signal on, and calls `ended` when all is over. */
export function runCommand(
  channel: ServerChannel,
  command: string,
  settings: ExecSettings,
  ended: () => void,
): RunningCommand {
  const [program, ...before] = settings.shell;
  const child = spawn(program, [...before, command], {
    cwd: settings.home,
    env: { ...settings.environment },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A process that ends without reading its input breaks the pipe; that is its right.
  child.stdin.on("error", () => channel.resume());
  channel.on("error", () => undefined);
  input(channel, settings).pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.on("error", () => channel.exit(127));
  child.on("exit", (code, signal) => {
    if (signal !== null) channel.exit(signal.replace(/^SIG/, ""), false, "");
    else channel.exit(code ?? 0);
  });
  // Like sshd, the channel stays open until the last process that holds the output has closed it.
  child.on("close", () => {
    channel.stderr.end(() => channel.end());
    ended();
  });
  return {
    pid: child.pid,
    signal: (name) => signalGroup(child, name),
    connectionLost: (hangUp) => {
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
      if (hangUp) signalGroup(child, "SIGHUP");
    },
  };
}

/** The command's input as the fault leaves it. */
function input(channel: ServerChannel, settings: ExecSettings): Readable {
  const { fault, cut } = settings;
  if (fault.cutAfterBytes === undefined && fault.delayMs === 0) return channel;
  let left = fault.cutAfterBytes ?? Infinity;
  const transform = new Transform({
    transform(chunk: Buffer, _encoding, callback: TransformCallback) {
      void suffer(fault).then(() => {
        const arrived = chunk.subarray(0, Math.min(left, chunk.length));
        left -= arrived.length;
        callback(null, arrived);
        if (left === 0) cut();
      });
    },
  });
  if (left === 0) setImmediate(cut);
  return channel.pipe(transform);
}

function signalGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // The group ended between the check and the signal.
  }
}
