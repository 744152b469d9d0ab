// A step of ours that the engine runs as a local command: input on standard input and nowhere else, output kept secret.
import { Command } from "@pulumi/command/local/command";
import type * as pulumi from "@pulumi/pulumi";
import { output, secret } from "@pulumi/pulumi";

/** What finds the step in whatever checkout the plugin runs, so that no path of this machine gets into the state. */
const FIND_AND_RUN = [
  'const {existsSync} = require("node:fs"), {resolve} = require("node:path");',
  'const places = [process.env.KEYTURN_PROGRAM ?? ".", ".", "dist"];',
  "const step = places.map((place) => resolve(place, process.argv[1])).find(existsSync);",
  'if (!step) { console.error(process.argv[1] + " must be beside the program, but is not in " + process.cwd() +',
  ' ". Compile it (tsc), or set KEYTURN_PROGRAM to its folder."); process.exit(1); }',
  "require(step).run();",
].join("\n");

/** Declares the run of `steps/<step>`; another input runs it again. */
export function stepCommand(
  component: string,
  step: string,
  input: pulumi.Input<object>,
  parent: pulumi.Resource,
): Command {
  const stdin = output(input).apply((value) => JSON.stringify(value));
  return new Command(
    `${component}-command`,
    {
      interpreter: ["node", "-e", FIND_AND_RUN],
      create: `steps/${step}.js`,
      stdin: secret(stdin),
      logging: "none",
      addPreviousOutputInEnv: false,
    },
    { parent, additionalSecretOutputs: ["stdout", "stderr"] },
  );
}
