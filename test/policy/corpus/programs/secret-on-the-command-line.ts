// The mistake: the secret in the text of a command.
import { Command } from "@pulumi/command/remote/command";
import { interpolate } from "@pulumi/pulumi";
import { connection, hostKey } from "./host";
import { password } from "./parts";

new Command("hand-over", {
  connection: { ...connection, hostKey },
  create: interpolate`archive configure --secret ${password().value}`,
  logging: "none",
});
