// Runs the compiled command line on a lab's stack, as a person would in the environment of a kept rehearsal.
import { execFile } from "node:child_process";
import { join } from "node:path";
import type { LabStack } from "./lab-stack";
import { CLONE } from "./paths";

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const MAIN = join(CLONE, "dist", "packages", "cli", "main.js");
const LIMIT_MS = 60_000;

export class CommandLine {
  /** All that the commands have printed so far. */
  printed = "";

  constructor(private readonly labStack: LabStack) {}

  /** What was shown on a terminal only; not part of `printed`. */
  shown = "";

  /** Runs a command as at a terminal, of the util-linux program `script`. */
  async atTerminal(...words: readonly string[]): Promise<Said> {
    const command = [process.execPath, MAIN, ...words].map((word) => `'${word}'`).join(" ");
    const said = await this.execute("script", ["-qec", command, "/dev/null"]);
    this.shown += said.stdout + said.stderr;
    return said;
  }

  run(...words: readonly string[]): Promise<Said> {
    return this.runIn({}, ...words);
  }

  /** @param changes to the environment; undefined takes a variable away */
  async runIn(
    changes: Readonly<Record<string, string | undefined>>,
    ...words: readonly string[]
  ): Promise<Said> {
    const said = await this.execute(process.execPath, [MAIN, ...words], changes);
    this.printed += said.stdout + said.stderr;
    return said;
  }

  private execute(
    program: string,
    words: readonly string[],
    changes: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Said> {
    const options = {
      cwd: this.labStack.dir,
      env: { ...process.env, ...this.labStack.rehearsal.environment, ...changes },
      timeout: LIMIT_MS,
    };
    return new Promise((resolve) => {
      execFile(program, words, options, (error, stdout, stderr) => {
        resolve({
          code: typeof error?.code === "number" ? error.code : error ? -1 : 0,
          stdout,
          stderr,
        });
      });
    });
  }
}
