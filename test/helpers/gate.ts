// Holds the host's script at a boundary of its transaction, for as long as a test wants: a program that stands before
// the host's own on PATH, does its work and waits, so that the script, which has no hook for tests, waits for it.
import { chmodSync, existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DeployedStack } from "./deployed-stack";

/** Which program the script starts there, and whether it is held before or after that program's work. */
export interface Boundary {
  readonly when: "before" | "after";
  readonly program: string;
  /** What the program's arguments hold, and a space behind them. */
  readonly arguments: string;
  /** The phase in the journal that the program renames. */
  readonly phase?: string;
  /** The phase that the journal itself has by then, for a script that renames it without a program. */
  readonly journalled?: string;
  /** Which of several such programs is meant. @default 1 */
  readonly nth?: number;
}

export class Gate {
  private readonly held: string;
  private readonly passed: string;
  private closed: string | undefined;

  private constructor(
    private readonly bin: string,
    private readonly journal: string,
  ) {
    this.held = join(bin, "gate.held");
    this.passed = join(bin, "gate.passed");
  }

  /** The gate of the deployed stack's host, open. */
  static async of(deployed: DeployedStack): Promise<Gate> {
    const { service } = await deployed.labStack.rehearsal.control.hostAccess();
    return new Gate(dirname(service.commands.start[0] ?? ""), `${deployed.file}.keyturn/journal`);
  }

  /** Lets nobody pass the boundary; the first who comes there is held, every other time it is passed. */
  close(boundary: Boundary): void {
    this.open();
    for (const mark of [this.held, this.passed]) rmSync(mark, { recursive: true, force: true });
    this.closed = join(this.bin, boundary.program);
    const next = join(this.bin, "gate.next");
    writeFileSync(next, this.program(boundary));
    chmodSync(next, 0o755);
    renameSync(next, this.closed);
  }

  /** Whether the script stands there, waiting. */
  get holds(): boolean {
    return existsSync(this.held);
  }

  /** Lets it go on. */
  open(): void {
    if (this.closed !== undefined) rmSync(this.closed, { force: true });
    this.closed = undefined;
  }

  private program({ when, program, arguments: given, ...only }: Boundary): string {
    const inPhase = (phase: string | undefined, journal: string): string =>
      phase === undefined ? "" : ` && grep -q '^phase ${phase} ' ${journal}`;
    const renamed = inPhase(only.phase, '"$2"');
    const journalled = inPhase(only.journalled, `'${this.journal}'`);
    const count = `[ "$(echo >>'${this.passed}'; wc -l <'${this.passed}')" -ge ${only.nth ?? 1} ]`;
    const hold = `[ $here = no ] || ! mkdir '${this.held}' 2>/dev/null || while [ -e "$0" ]; do sleep 0.02; done`;
    const work = `"$real" "$@"\ncode=$?`;
    return [
      "#!/bin/sh",
      // A script in PowerShell that ignores a hang-up cannot hand that on; the program, which gets away from it, would.
      "trap '' HUP",
      `real=$(PATH=\${PATH#*'${this.bin}':} command -v ${program}) here=no`,
      `case " $* " in *'${given} '*) true${renamed}${journalled} && ${count} && here=yes ;; esac`,
      ...(when === "before" ? [hold, work] : [work, hold]),
      "exit $code",
      "",
    ].join("\n");
  }
}
