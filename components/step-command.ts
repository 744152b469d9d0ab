// A step of ours that the engine runs as a local command: input on standard input and nowhere else, output kept secret.
import { Command } from "@pulumi/command/local/command";
import type * as pulumi from "@pulumi/pulumi";
import { output, secret } from "@pulumi/pulumi";
import { IS_INSTALLED } from "../src/program-root";

/** What finds the step in whatever checkout the plugin runs, so that no path of this machine gets into the state. */
const FIND_AND_RUN = [
  'const {existsSync} = require("node:fs"), {resolve} = require("node:path");',
  'const places = [process.env.KEYTURN_PROGRAM ?? ".", ".", "dist"];',
  "const step = places.map((place) => resolve(place, process.argv[1])).find(existsSync);",
  'if (!step) { console.error(process.argv[1] + " must be beside the program, but is not in " + process.cwd() +',
  ' ". Compile it (tsc), or set KEYTURN_PROGRAM to its folder."); process.exit(1); }',
  "require(step).run();",
].join("\n");

/**
 * The same for a program that has Keyturn in its node_modules: Node.js looks there from the program's folder upwards. Not the
 * text above, which stands in the state of every stack that a clone runs: another one would run each of its steps again.
 */
const RUN_INSTALLED = 'require("keyturn/" + process.argv[1]).run();';

/** What Node.js is given to find a step and to run it. @param installed whether Keyturn is a package of another program */
export function stepProgram(installed: boolean): string {
  return installed ? RUN_INSTALLED : FIND_AND_RUN;
}

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
      interpreter: ["node", "-e", stepProgram(IS_INSTALLED)],
      create: `steps/${step}.js`,
      stdin: secret(stdin),
      logging: "none",
      addPreviousOutputInEnv: false,
    },
    { parent, additionalSecretOutputs: ["stdout", "stderr"] },
  );
}
