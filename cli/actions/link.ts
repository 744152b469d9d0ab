// keyturn link: shows a consumer's one-time link to the person at the terminal, with its state asked of the server now;
// --again has the next run make another.
import { z } from "zod";
import { askLink } from "../../steps/link-state";
import { oneOf } from "../decisions/confirmation";
import { type LinkStanding, linkStanding } from "../decisions/link";
import { withProgress } from "../progress";
import type { StackOptions } from "../project/project";
import { type StackReading, readStack } from "../project/read-stack";
import { SettingsFile } from "../project/settings-file";
import { writeSettings } from "../project/write-settings";
import { printable } from "../table";
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
  const { outputs, settings, project } = reading;
  const standing = linkStanding(oneOf(outputs.consumers ?? [], consumer), outputs.history);
  if (options.again) return again(consumer, reading);
  if (standing.expires === undefined) return withSteps(standing, [NO_SERVER]);
  if (!toPerson) {
    throw new UsageError(
      `The one-time link of ${consumer} is a secret and is shown on a terminal only, not into a file or a pipe. \`keyturn report\` says whether it was read.`,
    );
  }
  const { linkId, expires } = standing;
  const server = settings["oneTimeServer"];
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
  const value = links.parse(
    await withProgress("Reading the link", () => project.secretOutput("links")),
  )[consumer];
  if (value === undefined)
    throw new UsageError(`The last run recorded no link of ${consumer}. Run pulumi up.`);
  return withSteps(standing, [
    `One-time link (${state}; opens once, until ${expires}). Whoever has it has the secret:`,
    `  ${printable(value)}`,
  ]);
}

async function again(consumer: string, { project, settings }: StackReading): Promise<string> {
  const consumers = listed.parse(settings["consumers"] ?? []);
  const index = consumers.findIndex(({ name }) => name === consumer);
  const found = consumers[index];
  if (found === undefined) {
    throw new UsageError(
      `${consumer} must be in ${project.name}:consumers of the settings, but is not any more. Add it again, or run pulumi up, which forgets it.`,
    );
  }
  const retry = (found.retry ?? 0) + 1;
  const file = new SettingsFile(project.settingsPath, project.name);
  file.set("consumers", retry, [index, "retry"]);
  const expected = consumers.map((one, place) => (place === index ? { ...one, retry } : one));
  await writeSettings(project, file, { consumers: expected });
  return [
    file.diff(),
    "Review and commit it; the next run makes another link of the same secret. Then: " +
      `keyturn link ${consumer}. A former link that nobody opened works until it expires.`,
  ].join("\n");
}

function withSteps(standing: LinkStanding, lines: readonly string[]): string {
  const { epoch, keyId, since, name, reason, steps } = standing;
  return [
    `${name} waits for the secret of ${epoch} (key id ${keyId}) since ${since}.`,
    ...(reason === undefined ? [] : [printable(reason)]),
    ...lines,
    "What is to be done:",
    ...steps.map((step, index) => `  ${index + 1}. ${printable(step)}`),
  ].join("\n");
}

const NO_SERVER =
  "There is no one-time link, since the settings name no oneTimeServer: the value is read from the vault.";
