// keyturn-rehearsal rehearse, as it is typed.
import { Command, InvalidArgumentError, Option } from "commander";
import { CLOUD_CHOICES, type CloudChoice } from "../../lab/cloud/endpoints";
import { withExample } from "../../cli/commands/stack-options";

interface Options {
  readonly plugins: "lab" | "vendor";
  readonly cloud: CloudChoice;
  readonly keep?: boolean;
  readonly port: number;
}

export function rehearseCommand(): Command {
  const command = new Command("rehearse")
    .description("the rehearsal: lab up, deploy, rotate once an epoch later, report, lab down")
    .addOption(
      new Option(
        "--plugins <whose>",
        "azuread, command and random: the lab's stand-ins or the vendor's",
      )
        .choices(["lab", "vendor"])
        .default("lab")
        .env("KEYTURN_PLUGINS"),
    )
    .addOption(
      new Option("--cloud <which>", "by whose names: the lab's own, or Azure's public cloud's")
        .choices(CLOUD_CHOICES)
        .default("lab"),
    )
    .option("--keep", "leave the lab up, and print the environment to use it by hand")
    .option("--port <base>", "first of the ports the lab takes; 0 = free ones", portBase, 0)
    .action(async (options: Options) => {
      const { rehearse } = await import("../rehearse.js");
      process.exitCode = await rehearse({
        plugins: options.plugins,
        cloud: options.cloud,
        keep: options.keep ?? false,
        portBase: options.port,
      });
    });
  return withExample(command, "keyturn-rehearsal rehearse --keep");
}

function portBase(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port)) throw new InvalidArgumentError("must be a whole number.");
  return port;
}
