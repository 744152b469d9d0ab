// Starts a command line, and ends the process with the exit code of docs/commands.md.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { harmlessLines } from "../../src/foreign-text";
import { CLONE } from "./clone";
import { EXIT } from "./exit-codes";
import { UsageError } from "./usage-error";

/** @param programOf makes the command line that says the given version */
export function runProgram(programOf: (version: string) => Command): void {
  const manifest = JSON.parse(readFileSync(join(CLONE, "package.json"), "utf8")) as Manifest;
  const program = programOf(manifest.version);
  for (const command of withSubcommands(program)) {
    command.showHelpAfterError("(--help tells more)").exitOverride((error) => {
      // commander says 1 for a wrong command line, and 0 after help and version.
      process.exit(error.exitCode === 0 ? EXIT.done : EXIT.refused);
    });
  }
  program.parseAsync().catch((error: unknown) => {
    const said = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${program.name()}: ${harmlessLines(said)}\n`);
    process.exitCode = error instanceof UsageError ? EXIT.refused : EXIT.failed;
  });
}

interface Manifest {
  readonly version: string;
}

/** A command and all below it. */
export function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
