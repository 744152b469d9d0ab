// `command:remote:Command`: runs `create`, `update` or `delete` on a host over SSH.
// A preview never connects; a refresh sees nothing, since a command has no state to read.
import { z } from "zod";

import type { CallContext, ResourceStandIn } from "../provider/stand-in";
import { UNKNOWN, unwrapDeep } from "../provider/values";
import type { Properties, PropertyValue } from "../provider/values";
import { check } from "./check";
import { diff } from "./diff";
import { remoteCommandInputs } from "./fields";
import { uniqueId } from "./ids";
import { parseConnection } from "./remote/endpoint";
import { runRemotely } from "./remote/session";

const settings = z.object({
  addPreviousOutputInEnv: z.boolean().default(true),
  create: z.string().optional(),
  delete: z.string().optional(),
  environment: z.record(z.string(), z.string()).default({}),
  logging: z.string().default("stdoutAndStderr"),
  stdin: z.string().default(""),
  stdout: z.string().default(""),
  stderr: z.string().default(""),
  update: z.string().optional(),
});

type Settings = z.infer<typeof settings>;

const UNKNOWN_OUTPUT = { stdout: UNKNOWN, stderr: UNKNOWN };

export const remoteCommand: ResourceStandIn<unknown> = {
  check: ({ news }) => check(news, remoteCommandInputs),
  diff,
  async create({ name, properties, preview }, context) {
    const id = uniqueId(name);
    if (preview) return { id, properties: { ...properties, ...UNKNOWN_OUTPUT } };
    const given = parse(properties);
    return { id, properties: await run(given.create, given, properties, context) };
  },
  read: ({ id, inputs, properties }) => Promise.resolve({ id, inputs, properties }),
  async update({ olds, news, preview }, context) {
    if (preview) return { ...news, ...UNKNOWN_OUTPUT };
    const { stdout = "", stderr = "" } = olds;
    const given = parse({ ...news, stdout, stderr });
    return run(given.update ?? given.create, given, news, context);
  },
  async delete({ properties }, context) {
    const given = parse(properties);
    if (given.delete !== undefined) await run(given.delete, given, properties, context);
  },
};

function parse(properties: Properties): Settings {
  return settings.parse(unwrapDeep(properties));
}

/** The properties after the command; without a command, with the output that was there before. */
async function run(
  command: string | undefined,
  given: Settings,
  properties: Properties,
  context: CallContext<unknown>,
): Promise<Properties> {
  if (command === undefined) return { ...properties, stdout: given.stdout, stderr: given.stderr };
  const output = await runRemotely(
    {
      connection: parseConnection(connectionOf(properties)),
      command,
      variables: { required: given.environment, optional: previousOutput(given) },
      stdin: given.stdin,
      logging: given.logging,
    },
    context,
  );
  return { ...properties, ...output };
}

function connectionOf(properties: Properties): PropertyValue {
  return properties["connection"] ?? {};
}

function previousOutput(given: Settings): Record<string, string> {
  if (!given.addPreviousOutputInEnv) return {};
  return {
    ...(given.stdout === "" ? {} : { PULUMI_COMMAND_STDOUT: given.stdout }),
    ...(given.stderr === "" ? {} : { PULUMI_COMMAND_STDERR: given.stderr }),
  };
}
