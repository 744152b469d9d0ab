// The mistake: the secret in the environment of a local command.
import { Command } from "@pulumi/command/local/command";
import { password } from "./parts";

new Command("hand-over", {
  create: "archive configure",
  environment: { SECRET: password().value },
  logging: "none",
});
