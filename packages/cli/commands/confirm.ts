// keyturn confirm, as it is typed.
import { Command } from "commander";
import type { StackOptions } from "../project/project";
import { print, withExample, withStackOptions } from "./stack-options";

interface Options extends StackOptions {
  readonly keyId?: string;
}

export function confirmCommand(): Command {
  const command = new Command("confirm")
    .description(
      "says that a consumer which people serve holds the secret in flight; writes it into the stack's config file, to be reviewed and committed",
    )
    .argument("<consumer>", "name of the consumer")
    .option("--key-id <id>", "refuse unless the secret in flight has this key id")
    .action(async (consumer: string, { keyId, ...options }: Options) => {
      const { confirm } = await import("../actions/confirm.js");
      print(await confirm({ consumer, keyId }, options));
    });
  return withExample(
    withStackOptions(command),
    "keyturn confirm ci-sync --stack production --key-id 59891cef-5d80-416a-a970-4fa9248382f8",
  );
}
