// keyturn init, as it is typed.
import { Command } from "commander";
import type { InitOptions } from "../actions/init";
import { print, withExample, withStackOptions } from "./stack-options";

export function initCommand(): Command {
  const command = new Command("init")
    .description(
      "asks what a stack's file must say, with defaults from what is there, and writes it with comments; what the file says already stays, and nothing else is changed",
    )
    .option("--yes", "ask nothing: take the options below, and defaults for the rest")
    .option("--name <name>", "name of the credential")
    .option("--preset <preset>", "the product")
    .option("--tenant <guid>", "Entra tenant (default: where you are signed in)")
    .option("--subscription <guid>", "Azure subscription of the vault")
    .option("--resource-group <name>", "resource group of the vault; it must exist")
    .option("--application <id>", "client id of the application to take over, or new")
    .option("--groups <pairs>", "licence groups to take over: Name=object id, …, or none")
    .option("--anchor <date>", "date on which an epoch begins")
    .option("--consumer <name>", "name of the service that holds the secret")
    .option("--host <host>", "its host")
    .option("--user <user>", "user there")
    .option(
      "--host-key <line>",
      "the host's public key line; without --yes what it shows is offered, for you to compare",
    )
    .option("--file-path <path>", "path of the product's file there")
    .action(async (options: InitOptions) => {
      const { init } = await import("../actions/init.js");
      print(await init(options));
    });
  return withExample(withStackOptions(command), "keyturn init --stack production");
}
