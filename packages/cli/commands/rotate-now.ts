// keyturn rotate-now, as it is typed.
import { Command, Option } from "commander";
import type { RotateNowOptions } from "../actions/rotate-now";
import { print, withExample, withStackOptions } from "./stack-options";

export function rotateNowCommand(): Command {
  const command = new Command("rotate-now")
    .description(
      "makes the next run rotate: raises generation in the stack's config file, to be reviewed and committed",
    )
    .option("--break-glass", "the former secret gets no overlap; for a secret that leaked")
    .option("--supersede", "also while a rotation is in flight: gives its secret up")
    .addOption(
      new Option(
        "--end-break-glass",
        "puts the overlap back, once the former secret is released",
      ).conflicts(["breakGlass", "supersede"]),
    )
    .action(async (options: RotateNowOptions) => {
      const { rotateNow } = await import("../actions/rotate-now.js");
      print(await rotateNow(options));
    });
  return withExample(
    withStackOptions(command),
    "keyturn rotate-now --stack production --break-glass",
  );
}
