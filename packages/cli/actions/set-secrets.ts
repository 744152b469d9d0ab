// keyturn set-secrets: what is secret about a consumer goes from its files into the stack's config, byte for byte. No shell
// is in between, which would turn its encoding or its line ends; and what was kept is read back before it counts.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { privateKeyProblem } from "../../../src/config/private-key";
import { textOf } from "../../../src/config/text";
import { withProgress } from "../progress";
import { rewriteConfig } from "../project/change-config";
import { lossesBut, misread, pathText } from "../project/config-change";
import { type StackOptions, findProject } from "../project/project";
import { UsageError } from "../usage-error";

/** The files, by the key of `consumerSecrets` that they are for. */
export interface SecretFiles {
  readonly privateKey?: string | undefined;
  readonly file?: string | undefined;
}

interface Secret {
  /** As `pulumi config` takes it. */
  readonly path: string;
  readonly value: string;
}

const KEY = "consumerSecrets";
const named = z.array(z.looseObject({ name: z.string() }));

/** @returns what to tell the operator */
export async function setSecrets(
  consumer: string,
  files: SecretFiles,
  options: StackOptions,
): Promise<string> {
  const secrets = read(consumer, files);
  return withProgress("Writing the config", async () => {
    const project = await findProject(options);
    const { stack } = project;
    const config = await stack.config(project.name);
    const names = named.parse(config["consumers"] ?? []).map(({ name }) => name);
    if (!names.includes(consumer)) {
      const known = names.length === 0 ? "which names none" : `which names ${names.join(", ")}`;
      throw new UsageError(
        `${consumer} must be a consumer of the stack's config, ${known}. Write it there first.`,
      );
    }
    const { name } = await rewriteConfig(project, {
      async change(copy) {
        for (const { path, value } of secrets) await stack.setSecret(path, value, copy);
      },
      losses: async (copy, before, after) => [
        ...misread(config, [], await stack.config(project.name, copy))
          .filter((key) => key !== KEY)
          .map((key) => `the meaning of ${key}`),
        ...lossesBut(secrets.length, before, after),
        ...(await changedOnTheWay(secrets, (path) => stack.configValue(path, copy))),
      ],
      otherwise: "See what of the file is not plain YAML, such as an anchor, and take it out.",
    });
    const keys = secrets.map(({ path }) => path).join(" and ");
    return `${name}: ${keys} set, encrypted. Review and commit it; the next run acts on it.`;
  });
}

/** The secrets that the engine does not read as they were given. */
async function changedOnTheWay(
  secrets: readonly Secret[],
  valueOf: (path: string) => Promise<string | undefined>,
): Promise<string[]> {
  const changed: string[] = [];
  for (const { path, value } of secrets) {
    if ((await valueOf(path)) !== value) changed.push(`every byte of ${path}`);
  }
  return changed;
}

/** Every file's text. @throws UsageError with all that is wrong with them, and nothing of what they hold */
function read(consumer: string, files: SecretFiles): Secret[] {
  const given = Object.entries(files).filter(
    (one): one is [string, string] => one[1] !== undefined,
  );
  if (given.length === 0) {
    throw new UsageError("Nothing is given. Give --private-key, --file or both.");
  }
  const problems: string[] = [];
  const secrets = given.flatMap(([key, path]) => {
    const found = textAt(key, path);
    if ("problem" in found) {
      problems.push(`${path} ${found.problem}.`);
      return [];
    }
    return [{ path: pathText([KEY, consumer, key]), value: found.text }];
  });
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
  return secrets;
}

function textAt(key: string, path: string): ReturnType<typeof textOf> {
  // Where npm starts the command, it is in another folder than the person.
  const { INIT_CWD: base = process.cwd() } = process.env;
  try {
    const found = textOf(readFileSync(resolve(base, path)));
    if ("problem" in found || key !== "privateKey") return found;
    const problem = privateKeyProblem(found.text);
    return problem === undefined ? found : { problem };
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? "unknown";
    return { problem: `cannot be read (${why}). Name another file` };
  }
}
