// `keyturn run`: one scheduled run of a stack.
import { Command, InvalidArgumentError, Option } from "commander";
import { Duration } from "luxon";
import { EXIT } from "../exit-codes";
import { print, withExample, withStackOptions } from "./stack-options";

export function runCommand(): Command {
  const command = new Command("run")
    .description(
      "one scheduled run: preview under policy, update under policy, and what it came to; acts by date",
    )
    .option("--policy-pack <folder>", "policy pack to run under; may be repeated", several, [])
    .addOption(
      new Option("--policy-pack-config <file>", "its configuration; may be repeated")
        .argParser(several)
        .default([])
        .env("KEYTURN_POLICY_PACK_CONFIG"),
    )
    .option(
      "--out <folder>",
      "where outcome.json, summary.md, preview.txt and up.txt go",
      "keyturn-run",
    )
    .option(
      "--near <duration>",
      "before the end of the held secret from which waiting turns the run red",
      isoDuration,
      "P30D",
    )
    .option("--no-refresh", "do not read first what is really there")
    .option(
      "--dry-run",
      "preview only, and ask each host whether the update could begin; changes nothing, writes no files",
    )
    .addHelpText("after", "\nExits with 0 when green or waiting, 1 when a person must act.")
    .action(async (options: Given) => {
      const { policyPack, policyPackConfig, dryRun: isDry, ...rest } = options;
      const given = {
        ...rest,
        policyPacks: policyPack,
        policyPackConfigs: policyPackConfig,
        environment: process.env,
      };
      if (isDry) {
        const { dryRun } = await import("../run/dry-run.js");
        const { text, failing } = await dryRun(given);
        print(text);
        process.exitCode = failing ? EXIT.failed : EXIT.done;
        return;
      }
      const { scheduledRun } = await import("../run/run.js");
      process.exitCode = await scheduledRun(given);
    });
  return withExample(
    withStackOptions(command),
    "keyturn run --stack production --policy-pack policy",
  );
}

interface Given {
  readonly stack?: string;
  readonly dir?: string;
  readonly policyPack: readonly string[];
  readonly policyPackConfig: readonly string[];
  readonly out: string;
  readonly near: string;
  readonly refresh: boolean;
  readonly dryRun?: boolean;
}

function several(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function isoDuration(text: string): string {
  if (Duration.fromISO(text).isValid) return text;
  throw new InvalidArgumentError("must be an ISO-8601 duration, such as P30D.");
}
