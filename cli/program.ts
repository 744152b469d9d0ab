// The command line: every command by name. Each is defined in a file of its own, and what it does is loaded when it
// is called.
import { Command } from "commander";
import { auditCommand } from "./commands/audit";
import { confirmCommand } from "./commands/confirm";
import { labCommand } from "./commands/lab";
import { linkCommand } from "./commands/link";
import { rehearseCommand } from "./commands/rehearse";
import { reportCommand } from "./commands/report";
import { rotateNowCommand } from "./commands/rotate-now";
import { runCommand } from "./commands/run";
import { EXIT } from "./exit-codes";

/** @param version what `--version` says */
export function keyturnProgram(version: string): Command {
  const program = new Command("keyturn")
    .description("Rotates the Entra ID client secrets of on-premises services, end to end.")
    .version(version);
  const commands = [
    rehearseCommand(),
    runCommand(),
    reportCommand(),
    auditCommand(),
    confirmCommand(),
    linkCommand(),
    rotateNowCommand(),
    labCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of withSubcommands(program)) {
    command.showHelpAfterError("(--help tells more)").exitOverride((error) => {
      // commander says 1 for a wrong command line, and 0 after help and version.
      process.exit(error.exitCode === 0 ? EXIT.done : EXIT.refused);
    });
  }
  return program;
}

/** A command and all below it. */
export function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
