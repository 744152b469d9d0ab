// keyturn doctor, as it is typed.
import { Command } from "commander";
import type { DoctorOptions } from "../actions/doctor";
import { EXIT } from "../exit-codes";
import { print, withExample, withStackOptions } from "./stack-options";

export function doctorCommand(): Command {
  const command = new Command("doctor")
    .description(
      "says what would stand in the way of a rotation: versions, sign-in and rights, application, directory policies, vault, and each host over SSH; changes nothing, and takes no lock",
    )
    .option("--json", "as JSON")
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import("../actions/doctor.js");
      const { text, failing } = await doctor(options);
      print(text);
      process.exitCode = failing ? EXIT.violated : EXIT.done;
    });
  return withExample(withStackOptions(command), "keyturn doctor --stack production");
}
