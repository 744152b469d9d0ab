// The rehearsal's command line: what `npm start` and `npm run lab` run. No operator's command is in it.
import { Command } from "commander";
import { labCommand } from "./commands/lab";
import { rehearseCommand } from "./commands/rehearse";

/** @param version what `--version` says */
export function rehearsalProgram(version: string): Command {
  return new Command("keyturn-rehearsal")
    .description("Tries Keyturn out on a lab on this machine, without a tenant.")
    .version(version)
    .addCommand(rehearseCommand())
    .addCommand(labCommand());
}
