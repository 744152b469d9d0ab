#!/usr/bin/env node
// keyturn: the command line. Each command is loaded when it is called.
import { Command, InvalidArgumentError, Option } from "commander";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { addRun } from "./commands/run";

const { version } = JSON.parse(
  readFileSync(join(__dirname, "..", "..", "package.json"), "utf8"),
) as { version: string };

const program = new Command("keyturn")
  .description("Rotates the Entra ID client secrets of on-premises services, end to end.")
  .version(version)
  .showHelpAfterError("(--help tells more)");

const portBase = (text: string): number => {
  const port = Number(text);
  if (!Number.isInteger(port)) throw new InvalidArgumentError("must be a whole number.");
  return port;
};

program
  .command("rehearse")
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
  .option("--keep", "leave the lab up, and print the environment to use it by hand", false)
  .option("--port <base>", "first of the ports the lab takes; 0 = free ones", portBase, 0)
  .action(async (options: { plugins: "lab" | "vendor"; keep: boolean; port: number }) => {
    const { rehearse } = await import("./rehearse.js");
    process.exitCode = await rehearse({
      plugins: options.plugins,
      keep: options.keep,
      portBase: options.port,
    });
  });

addRun(program);

const lab = program.command("lab").description("asks the lab that `npm start -- --keep` left up");

lab
  .command("status")
  .description("what the lab has seen, as JSON: clock, secrets, vaults, the service")
  .action(async () => {
    const { labControl } = await import("./lab-commands.js");
    process.stdout.write(`${JSON.stringify(await labControl().status(), undefined, 2)}\n`);
  });

lab
  .command("advance <duration>")
  .description("moves the lab clock forward by an ISO-8601 duration, such as P6M")
  .action(async (duration: string) => {
    const { labControl } = await import("./lab-commands.js");
    const { now } = await labControl().moveClock({ advance: duration });
    process.stdout.write(`The lab clock says ${now}.\n`);
  });

lab
  .command("env")
  .description("the environment in which `pulumi` works on the lab, fit for eval in a POSIX shell")
  .action(async () => {
    const { keptEnvironment } = await import("./lab-commands.js");
    process.stdout.write(`${await keptEnvironment()}\n`);
  });

lab
  .command("deployer-secret")
  .description("the secret of the lab's deploying identity, for the vendor's plugins")
  .action(async () => {
    const { labControl } = await import("./lab-commands.js");
    const { ARM_CLIENT_SECRET: value = "" } = await labControl().environment();
    process.stdout.write(`${value}\n`);
  });

lab
  .command("down")
  .description("takes the kept lab down")
  .action(async () => {
    const { stopKeptLab } = await import("./lab-commands.js");
    process.stdout.write((await stopKeptLab()) ? "The lab is down.\n" : "No lab is up.\n");
  });

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`keyturn: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
