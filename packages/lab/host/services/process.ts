// One run of a service: a child process joined by an IPC channel, so that it ends when the lab does.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";

export interface ServiceProgram {
  /** TypeScript or JavaScript module to run with this Node.js. */
  readonly module: string;
  /** Asked for at each start. */
  readonly arguments: () => readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Takes what the process writes on its own standard streams. */
  readonly outputPath: string;
}

export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly exitSignal: NodeJS.Signals | null;
}

/** The first message of every service: its process is up. */
export const UP = "up";

export class ServiceProcess {
  readonly pid: number | undefined;
  /** Resolves to true when the process says that it is up, to false when it ends before. */
  readonly up: Promise<boolean>;
  /** Resolves when the process is gone and all that it said has been heard. */
  readonly ended: Promise<ProcessEnd>;
  private readonly child: ChildProcess;

  constructor(program: ServiceProgram, onMessage: (message: unknown) => void) {
    const output = openSync(program.outputPath, "a", 0o600);
    // The lab's own module loader is passed on, so that sources and compiled code both run.
    const argv = [...process.execArgv, program.module, ...program.arguments()];
    const child = spawn(process.execPath, argv, {
      env: { ...program.environment },
      detached: true,
      stdio: ["ignore", output, output, "ipc"],
    });
    closeSync(output);
    this.child = child;
    this.pid = child.pid;
    this.up = new Promise((resolve) => {
      child.on("message", (message) => {
        if (message === UP) resolve(true);
        else onMessage(message);
      });
      child.once("exit", () => resolve(false));
      child.once("error", () => resolve(false));
    });
    const heard = new Promise<void>((resolve) => child.once("disconnect", resolve));
    this.ended = new Promise((resolve) => {
      child.once("exit", (exitCode, exitSignal) => {
        void heard.then(() => resolve({ exitCode, exitSignal }));
      });
      child.once("error", () => resolve({ exitCode: null, exitSignal: null }));
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}
