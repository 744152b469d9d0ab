// keyturn report, as it is typed.
import { Command } from "commander";
import type { StackOptions } from "../project/project";
import { print, withExample, withStackOptions } from "./stack-options";

export function reportCommand(): Command {
  const command = new Command("report")
    .description(
      "says what a stack holds: secrets and their standing, next rotation, consumers, secrets of others, and what to do; nothing secret",
    )
    .option("--json", "as JSON")
    .action(async (options: StackOptions & { readonly json?: boolean }) => {
      const { report } = await import("../actions/report.js");
      print(await report(options));
    });
  return withExample(withStackOptions(command), "keyturn report --stack production");
}
