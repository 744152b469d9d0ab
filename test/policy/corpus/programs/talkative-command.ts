// The mistake: a command that is given the secret, and logs what it prints.
import { Command } from "@pulumi/command/remote/command";
import { connection, hostKey } from "./host";
import { password } from "./parts";

new Command("hand-over", {
  connection: { ...connection, hostKey },
  create: "archive configure",
  stdin: password().value,
});
