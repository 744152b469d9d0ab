// The lab's options as command-line arguments of its process, both ways: what one writes the other reads.
import { parseArgs } from "node:util";
import { LabError, reasonOf } from "./errors";
import type { LabOptions } from "./options";

/** No option of the lab is a secret, so that all of them may stand on a command line. */
export function writeArguments(options: LabOptions): string[] {
  return ["--options", JSON.stringify(options)];
}

export function readArguments(argv: readonly string[]): LabOptions {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        options: { type: "string", default: "{}" },
        "lab-dir": { type: "string" },
        port: { type: "string" },
        plugins: { type: "string" },
        cloud: { type: "string" },
        now: { type: "string" },
        rate: { type: "string" },
        "cycle-seconds": { type: "string" },
        hosts: { type: "string" },
        instances: { type: "string" },
      },
    });
    // What does not fit is told by checkOptions, all in one sentence.
    return {
      ...(JSON.parse(values.options) as LabOptions),
      ...(values["lab-dir"] !== undefined && { labDir: values["lab-dir"] }),
      ...(values.port !== undefined && { portBase: Number(values.port) }),
      ...(values.plugins !== undefined && { plugins: values.plugins as "lab" }),
      ...(values.cloud !== undefined && { cloud: values.cloud as "lab" }),
      ...(values.now !== undefined && { now: values.now }),
      ...(values.rate !== undefined && { rate: Number(values.rate) }),
      ...(values["cycle-seconds"] !== undefined && {
        cycleSeconds: Number(values["cycle-seconds"]),
      }),
      ...(values.hosts !== undefined && { hosts: values.hosts.split(",") }),
      ...(values.instances !== undefined && { instances: values.instances.split(",") }),
    };
  } catch (error) {
    throw new LabError(`The lab does not understand its arguments: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
