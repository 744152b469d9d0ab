// The engine as a process of its own that a test can kill, and what an engineer does after such an end.
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import type { DeployedStack } from "./deployed-stack";

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** One `pulumi` command in a process group of its own: the CLI, the language host and the program; no plugin is in it. */
export class Engine {
  readonly ended: Promise<Ended>;
  private readonly child: ChildProcess;

  constructor(
    private readonly deployed: DeployedStack,
    ...args: readonly string[]
  ) {
    const { place, environment } = deployed.labStack.rehearsal.stack;
    this.child = spawn(
      "pulumi",
      [...args, "--yes", "--color", "never", "--non-interactive", "--stack", place.stackName],
      {
        cwd: place.workDir,
        env: { ...process.env, ...environment },
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let output = "";
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (data: Buffer) => {
        output += data.toString();
        deployed.labStack.printed += data.toString();
      });
    }
    this.ended = new Promise((resolve) => {
      this.child.on("close", (code) => resolve({ code, output }));
    });
  }

  /** An update, without the policy pack as all of a deployed stack's are. */
  static up(deployed: DeployedStack): Engine {
    return new Engine(deployed, "up", "--skip-preview");
  }

  /** Ends all of it at once, unasked. */
  kill(): void {
    if (this.child.pid !== undefined) process.kill(-this.child.pid, "SIGKILL");
  }

  /** Ends the vendor's plugins, which an engine that is killed leaves behind for good. */
  endLeftOver(): void {
    for (const pid of this.left()) {
      try {
        process.kill(Number(pid), "SIGKILL");
      } catch {
        // It ended by itself.
      }
    }
  }

  /** Processes of a killed engine that are still there: those that work in this deployed's workspace. */
  private left(): string[] {
    const mark = `PULUMI_OPTION_CWD=${this.deployed.labStack.rehearsal.workspaceDir}`;
    return readdirSync("/proc").filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "latin1").includes(mark);
      } catch {
        return false;
      }
    });
  }
}

const LOCKED = /the stack is currently locked by/;
const AT_WORK = /Another update of this file is at work/;
const MOST_TRIES = 4;

/**
 * Runs `pulumi up` until it succeeds, doing what its errors ask for: a dead engine's lock is taken away with
 * `pulumi cancel`, and a host that is still at work on the former run is waited for.
 * @throws Error for any other failure
 */
export async function converge(
  deployed: DeployedStack,
  hostIdle: () => Promise<void>,
): Promise<string[]> {
  const steps: string[] = [];
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { code, output } = await Engine.up(deployed).ended;
    if (code === 0) return steps;
    if (LOCKED.test(output)) {
      steps.push("cancel");
      const cancelled = await new Engine(deployed, "cancel").ended;
      if (cancelled.code !== 0) throw new Error(`pulumi cancel failed: ${cancelled.output}`);
    } else if (AT_WORK.test(output)) {
      steps.push("wait");
      await hostIdle();
    } else {
      throw new Error(`The rerun failed: ${output}`);
    }
  }
  throw new Error(`The rerun did not succeed in ${MOST_TRIES} tries: ${steps.join(", ")}`);
}
