// keyturn adopt, as it is typed: without a key id it finds out, with one it takes that one over.
import { Command, Option } from "commander";
import type { TakeOverOptions } from "../actions/take-over";
import { UsageError } from "../usage-error";
import { print, withExample, withStackOptions } from "./stack-options";

interface Options extends TakeOverOptions {
  readonly label?: string;
  readonly ends?: string;
}

export function adoptCommand(): Command {
  const command = new Command("adopt")
    .description(
      "for a state that was lost or brought back: asks hosts, sign-in log and vault which secret is held where, shows it, and writes those that the state does not know into the stack's config file, to be reviewed and committed; with a key id, takes over that one and asks nobody",
    )
    .argument("[key-id]", "key id of the secret, as a run's note gives it")
    .option("--label <epoch>", "with a key id: epoch in its name")
    .option("--ends <instant>", "with a key id: when it ends")
    .addOption(new Option("--yes", "write without asking").conflicts(["label", "ends"]))
    .addOption(new Option("--json", "what was found, as JSON").conflicts(["label", "ends"]))
    .action(async (keyId: string | undefined, options: Options) => {
      print(await (keyId === undefined ? takeOverAll(options) : takeOverOne(keyId, options)));
    });
  return withExample(withStackOptions(command), "keyturn adopt --stack production");
}

async function takeOverAll({ label, ends, ...options }: Options): Promise<string> {
  if (label !== undefined || ends !== undefined) {
    throw new UsageError("--label and --ends must be given with a key id, as a run's note does.");
  }
  const { takeOver } = await import("../actions/take-over.js");
  return takeOver(options);
}

async function takeOverOne(keyId: string, options: Options): Promise<string> {
  const { label, ends, yes, json, ...stack } = options;
  if (label === undefined || ends === undefined || yes === true || json === true) {
    throw new UsageError(
      "A key id must be given with --label and --ends, as a run's note does, and without --yes and --json. Without a key id keyturn adopt finds out by itself.",
    );
  }
  const { adopt } = await import("../actions/adopt.js");
  return adopt({ keyId, label, ends }, stack);
}
