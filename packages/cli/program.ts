// The command line: every command by name. Each is defined in a file of its own, and what it does is loaded when it
// is called.
import { Command } from "commander";
import { adoptCommand } from "./commands/adopt";
import { auditCommand } from "./commands/audit";
import { confirmCommand } from "./commands/confirm";
import { doctorCommand } from "./commands/doctor";
import { initCommand } from "./commands/init";
import { linkCommand } from "./commands/link";
import { reportCommand } from "./commands/report";
import { rotateNowCommand } from "./commands/rotate-now";
import { runCommand } from "./commands/run";
import { setSecretsCommand } from "./commands/set-secrets";

/** @param version what `--version` says */
export function keyturnProgram(version: string): Command {
  const program = new Command("keyturn")
    .description("Rotates the Entra ID client secrets of on-premises services, end to end.")
    .version(version);
  const commands = [
    initCommand(),
    setSecretsCommand(),
    runCommand(),
    reportCommand(),
    auditCommand(),
    doctorCommand(),
    confirmCommand(),
    adoptCommand(),
    linkCommand(),
    rotateNowCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  return program;
}
