// keyturn report, as it is typed.
import { Command } from "commander";
import type { ReportOptions } from "../actions/report";
import { print, withExample, withStackOptions } from "./stack-options";

export function reportCommand(): Command {
  const command = new Command("report")
    .description(
      "says what a stack holds: secrets and their standing, next rotation, consumers, secrets of others, and what to do; nothing secret",
    )
    .option("--json", "as JSON")
    .option(
      "--calendar <file>",
      "write the dates there too, as iCalendar with reminders 60, 30 and 7 days before a secret ends",
    )
    .action(async (options: ReportOptions) => {
      const { report } = await import("../actions/report.js");
      print(await report(options));
    });
  return withExample(withStackOptions(command), "keyturn report --stack production");
}
