// `command:local:Command` and the function `command:local:run`: commands on this machine.
// The working directory, when none is given, is that of the process that serves the stand-in.
import { z } from "zod";

import type { CallContext, FunctionStandIn, ResourceStandIn } from "../provider/stand-in";
import { ARCHIVE_SIGNATURE, SIGNATURE_KEY, UNKNOWN, unwrapDeep } from "../provider/values";
import type { Properties } from "../provider/values";
import { check } from "./check";
import { diff } from "./diff";
import { localCommandInputs, localRunInputs } from "./fields";
import { uniqueId } from "./ids";
import { globAssets } from "./local/globs";
import { DEFAULT_INTERPRETER, runLocally } from "./local/process";

const settings = z.object({
  addPreviousOutputInEnv: z.boolean().default(true),
  archivePaths: z.array(z.string()).optional(),
  assetPaths: z.array(z.string()).optional(),
  command: z.string().optional(),
  create: z.string().optional(),
  delete: z.string().optional(),
  dir: z.string().optional(),
  environment: z.record(z.string(), z.string()).default({}),
  interpreter: z.array(z.string()).default([]),
  logging: z.string().default("stdoutAndStderr"),
  stdin: z.string().default(""),
  stdout: z.string().default(""),
  stderr: z.string().default(""),
  update: z.string().optional(),
});

type Settings = z.infer<typeof settings>;

export const localCommand: ResourceStandIn<unknown> = {
  check: ({ news }) => check(news, localCommandInputs),
  diff,
  async create({ name, properties, preview }, context) {
    const id = uniqueId(name);
    if (preview) return { id, properties: withUnknownOutput(properties) };
    const given = parse(properties);
    return { id, properties: await run(given.create, given, properties, context) };
  },
  read: ({ id, inputs, properties }) => Promise.resolve({ id, inputs, properties }),
  async update({ olds, news, preview }, context) {
    if (preview) return withUnknownOutput(news);
    const { stdout = "", stderr = "" } = olds;
    const given = parse({ ...news, stdout, stderr });
    return run(given.update ?? given.create, given, news, context);
  },
  async delete({ properties }, context) {
    const given = parse(properties);
    if (given.delete !== undefined) await run(given.delete, given, properties, context);
  },
};

export const localRun: FunctionStandIn<unknown> = async (args, context) => {
  const { failures } = check(args, localRunInputs);
  if (failures.length > 0) return { return: {}, failures };
  const given = parse(args);
  return { return: await run(given.command, given, args, context), failures: [] };
};

function withUnknownOutput(properties: Properties): Properties {
  return { ...properties, stdout: UNKNOWN, stderr: UNKNOWN };
}

function parse(properties: Properties): Settings {
  return settings.parse(unwrapDeep(properties));
}

async function run(
  command: string | undefined,
  given: Settings,
  properties: Properties,
  context: CallContext<unknown>,
): Promise<Properties> {
  const { stdout, stderr } = given;
  if (command === undefined) return { ...properties, stdout, stderr };
  const dir = given.dir ?? process.cwd();
  const output = await runLocally(
    {
      command,
      interpreter: given.interpreter.length > 0 ? given.interpreter : DEFAULT_INTERPRETER,
      dir,
      environment: { ...given.environment, ...previousOutput(given) },
      stdin: given.stdin,
      logging: given.logging,
    },
    context,
  );
  return { ...properties, ...output, ...filesLeft(given, dir) };
}

function previousOutput(given: Settings): Record<string, string> {
  if (!given.addPreviousOutputInEnv) return {};
  return {
    ...(given.stdout === "" ? {} : { PULUMI_COMMAND_STDOUT: given.stdout }),
    ...(given.stderr === "" ? {} : { PULUMI_COMMAND_STDERR: given.stderr }),
  };
}

function filesLeft({ assetPaths, archivePaths }: Settings, dir: string): Properties {
  const archive = (patterns: readonly string[]): Properties => ({
    [SIGNATURE_KEY]: ARCHIVE_SIGNATURE,
    assets: globAssets(dir, patterns),
  });
  return {
    ...(assetPaths === undefined ? {} : { assets: globAssets(dir, assetPaths) }),
    ...(archivePaths === undefined ? {} : { archive: archive(archivePaths) }),
  };
}
