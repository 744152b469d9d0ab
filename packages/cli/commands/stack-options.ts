// The options of every command that is about one stack, and the example at the end of each help.
import type { Command } from "commander";

/** Adds --stack and --dir. */
export function withStackOptions(command: Command): Command {
  return command
    .option("--stack <name>", "the stack (default: the selected one)")
    .option("--dir <folder>", "the folder of Pulumi.yaml (default: this one, or one above)");
}

/** Adds one example to a command's help. */
export function withExample(command: Command, example: string): Command {
  return command.addHelpText("after", `\nExample:\n  ${example}`);
}

/** Prints a command's result. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
