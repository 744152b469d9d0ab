// keyturn link: shows a consumer's one-time link to the person at the terminal, with its state asked of the server now;
// --again has the next run make another.
import { z } from "zod";
import { askLink } from "../../../src/http/link-state";
import { harmless } from "../../../src/foreign-text";
import { oneOf } from "../decisions/confirmation";
import { type LinkStanding, linkStanding } from "../decisions/link";
import { withProgress } from "../progress";
import { changeConfig } from "../project/change-config";
import type { StackOptions } from "../project/project";
import { type StackReading, readStack } from "../project/read-stack";
import { UsageError } from "../usage-error";

export interface LinkOptions extends StackOptions {
  readonly again?: boolean;
}

const links = z.record(z.string(), z.string());
const listed = z.array(z.looseObject({ name: z.string(), retry: z.number().optional() }));

/** @returns what to tell the operator; it may hold the link, which is secret, when `toPerson` */
export async function link(
  consumer: string,
  options: LinkOptions,
  toPerson: boolean,
): Promise<string> {
  const reading = await readStack(options);
  const { outputs, config, project } = reading;
  const standing = linkStanding(oneOf(outputs.consumers ?? [], consumer), outputs.history);
  if (options.again) return again(consumer, reading);
  if (standing.expires === undefined) return withSteps(standing, [NO_SERVER]);
  if (!toPerson) {
    throw new UsageError(
      `The one-time link of ${consumer} is a secret and is shown on a terminal only, not into a file or a pipe. \`keyturn report\` says whether it was read.`,
    );
  }
  const { linkId, expires } = standing;
  const server = config["oneTimeServer"];
  const state =
    linkId === undefined || typeof server !== "string" || server === ""
      ? "not known"
      : await withProgress("Asking the server", () => askLink(server, linkId));
  if (state === "read or expired") {
    return withSteps(standing, [
      `One-time link: read or expired, so that it opens nothing any more. Another: keyturn link ${consumer} --again`,
      "If a stranger may have read it, give the secret up instead: keyturn rotate-now --supersede",
    ]);
  }
  const shown = await withProgress("Reading the link", () => project.stack.shownOutputs());
  const value = links.parse(shown["links"] ?? {})[consumer];
  if (value === undefined)
    throw new UsageError(`The last run recorded no link of ${consumer}. Run pulumi up.`);
  return withSteps(standing, [
    `One-time link (${state}; opens once, until ${expires}). Whoever has it has the secret:`,
    `  ${harmless(value)}`,
  ]);
}

async function again(consumer: string, reading: StackReading): Promise<string> {
  const { project, config } = reading;
  const consumers = listed.parse(config["consumers"] ?? []);
  const index = consumers.findIndex(({ name }) => name === consumer);
  const found = consumers[index];
  if (found === undefined) {
    throw new UsageError(
      `${consumer} must be in ${project.name}:consumers of the config, but is not any more. Add it again, or run pulumi up, which forgets it.`,
    );
  }
  const retry = (found.retry ?? 0) + 1;
  return [
    await changeConfig(reading, [{ path: ["consumers", index, "retry"], value: retry }]),
    "Review and commit it; the next run makes another link of the same secret. Then: " +
      `keyturn link ${consumer}. A former link that nobody opened works until it expires.`,
  ].join("\n");
}

function withSteps(standing: LinkStanding, lines: readonly string[]): string {
  const { epoch, keyId, since, name, reason, steps } = standing;
  return [
    `${name} waits for the secret of ${epoch} (key id ${keyId}) since ${since}.`,
    ...(reason === undefined ? [] : [harmless(reason)]),
    ...lines,
    "What is to be done:",
    ...steps.map((step, index) => `  ${index + 1}. ${harmless(step)}`),
  ].join("\n");
}

const NO_SERVER =
  "There is no one-time link, since the config names no oneTimeServer: the value is read from the vault.";
