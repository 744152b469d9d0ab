// keyturn link, as it is typed.
import { Command } from "commander";
import type { LinkOptions } from "../actions/link";
import { print, withExample, withStackOptions } from "./stack-options";

export function linkCommand(): Command {
  const command = new Command("link")
    .description(
      "shows the one-time link for a consumer which people serve, on a terminal only, with its state and what is to be done",
    )
    .argument("<consumer>", "name of the consumer")
    .option("--again", "has the next run make another link: raises the consumer's retry")
    .action(async (consumer: string, options: LinkOptions) => {
      const { link } = await import("../actions/link.js");
      print(await link(consumer, options, process.stdout.isTTY));
    });
  return withExample(withStackOptions(command), "keyturn link ci-sync --stack production");
}
