// keyturn set-secrets, as it is typed.
import { Command } from "commander";
import type { StackOptions } from "../project/project";
import { print, withExample, withStackOptions } from "./stack-options";

interface Options extends StackOptions {
  readonly privateKey?: string;
  readonly file?: string;
}

export function setSecretsCommand(): Command {
  const command = new Command("set-secrets")
    .description(
      "puts a consumer's private key and file into the stack's config file, encrypted, byte for byte as they are on disk; the same in PowerShell, cmd and sh",
    )
    .argument("<consumer>", "name of the consumer")
    .option(
      "--private-key <path>",
      "the private key of the connection's user, without a passphrase",
    )
    .option("--file <path>", "the product's unencrypted file, in UTF-8")
    .action(async (consumer: string, { privateKey, file, ...options }: Options) => {
      const { setSecrets } = await import("../actions/set-secrets.js");
      print(await setSecrets(consumer, { privateKey, file }, options));
    });
  return withExample(
    withStackOptions(command),
    "keyturn set-secrets archive --stack production --private-key id_ed25519 --file instance.json",
  );
}
