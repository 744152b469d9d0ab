// keyturn-rehearsal lab …, as it is typed.
import { Command } from "commander";
import { print, withExample } from "../../cli/commands/stack-options";

export function labCommand(): Command {
  const lab = new Command("lab").description("asks the lab that `npm start -- --keep` left up");
  const add = (
    usage: string,
    description: string,
    example: string,
    action: (argument: string) => Promise<string>,
  ): void => {
    const command = lab.command(usage).description(description);
    withExample(command, example).action(async (argument: string) => {
      print(await action(argument));
    });
  };

  add(
    "status",
    "what the lab has seen, as JSON: clock, secrets, vaults, the service",
    "keyturn-rehearsal lab status",
    async () => {
      const { labControl } = await import("../lab-commands.js");
      return JSON.stringify(await labControl().status(), undefined, 2);
    },
  );
  add(
    "advance <duration>",
    "moves the lab clock forward by an ISO-8601 duration, such as P6M",
    "keyturn-rehearsal lab advance P6M",
    async (duration) => {
      const { labControl } = await import("../lab-commands.js");
      const { now } = await labControl().moveClock({ advance: duration });
      return `The lab clock says ${now}.`;
    },
  );
  add(
    "env",
    "the environment in which `pulumi` and `keyturn` work on the lab, fit for eval in a POSIX shell",
    'eval "$(keyturn-rehearsal lab env)"',
    async () => {
      const { keptEnvironment } = await import("../lab-commands.js");
      return keptEnvironment();
    },
  );
  add(
    "deployer-secret",
    "the secret of the lab's deploying identity, for the vendor's plugins",
    "keyturn-rehearsal lab deployer-secret",
    async () => {
      const { labControl } = await import("../lab-commands.js");
      return (await labControl().environment())["ARM_CLIENT_SECRET"] ?? "";
    },
  );
  add("down", "takes the kept lab down", "keyturn-rehearsal lab down", async () => {
    const { stopKeptLab } = await import("../lab-commands.js");
    return (await stopKeptLab()) ? "The lab is down." : "No lab is up.";
  });
  return lab;
}
