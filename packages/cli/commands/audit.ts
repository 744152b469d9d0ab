// keyturn audit, as it is typed.
import { Command } from "commander";
import type { AuditOptions } from "../actions/audit";
import { EXIT } from "../exit-codes";
import { print, withExample, withStackOptions } from "./stack-options";

export function auditCommand(): Command {
  const command = new Command("audit")
    .description(
      "holds what exists to the policy pack's rules: a stack's state, secrets left encrypted, or an application as Graph shows it; changes nothing",
    )
    .option(
      "--application <clientId>",
      "an application by its client id, read from Graph; alone, or beside --stack",
    )
    .option("--policy-pack-config <file>", "the pack's configuration, as pulumi takes it")
    .option("--json", "as JSON")
    .action(async (options: AuditOptions) => {
      const { audit } = await import("../actions/audit.js");
      const { text, violated } = await audit(options);
      print(text);
      process.exitCode = violated ? EXIT.violated : EXIT.done;
    });
  return withExample(withStackOptions(command), "keyturn audit --stack production");
}
