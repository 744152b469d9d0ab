// keyturn adopt without a key id: finds who holds which secret, shows it, and writes what the next run needs into the stack's
// config. Changes nothing in Entra, in a vault, on a host or in the state.
import { createInterface } from "node:readline/promises";
import { harmlessValue } from "../../../src/foreign-text";
import { reasonOf } from "../../../src/http/patient-reader";
import { applicationsNamed } from "../../../src/observe/namesakes";
import { listSecrets } from "../../../src/observe/secrets";
import { Facts, InvalidConfig, NotSignedIn } from "../doctor/facts";
import { Unmet } from "../doctor/run-checks";
import { withProgress } from "../progress";
import { changeConfig } from "../project/change-config";
import type { ConfigChange } from "../project/config-change";
import type { StackOptions } from "../project/project";
import { type StackReading, readStack } from "../project/read-stack";
import { type LostApplication, applicationOf } from "../takeover/application";
import { readSources } from "../takeover/read-sources";
import { type Takeover, decideTakeover } from "../takeover/takeover";
import { renderTakeover } from "../takeover/text";
import { UsageError } from "../usage-error";

export interface TakeOverOptions extends StackOptions {
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
}

interface Found extends Takeover {
  readonly application: LostApplication;
}

/** @returns what to tell the operator. @throws UsageError when the secrets themselves cannot be read; nothing is written then */
export async function takeOver(options: TakeOverOptions): Promise<string> {
  const reading = await readStack(options);
  const found = await withProgress("Asking hosts, sign-in log and vault", () =>
    findOut(reading, new Facts(reading.project, process.env)),
  );
  const { stackName } = reading.project;
  const changes = changesOf(found);
  const shown = renderTakeover(found, stackName, found.application.clientId);
  const writes = changes.length > 0 && (options.yes === true || (await isWanted(options, shown)));
  const written = writes ? await changeConfig(reading, changes) : undefined;
  if (options.json) {
    const { rows, notKnown, said, takes, application } = found;
    const told = { stack: stackName, clientId: application.clientId, rows, notKnown, said, takes };
    return JSON.stringify(harmlessValue({ ...told, written: writes }), undefined, 2);
  }
  const end = changes.length === 0 ? [] : endLines(found, written);
  return [shown, ...(end.length > 0 ? ["", ...end] : [])].join("\n");
}

async function findOut({ project, outputs, config }: StackReading, facts: Facts): Promise<Found> {
  try {
    const { name, preset } = await facts.config();
    const [known, issued, { reader }, now] = await Promise.all([
      facts.clientId(),
      facts.issued(),
      facts.graph(),
      facts.now(),
    ]);
    const named = known === "" ? await applicationsNamed(reader, preset.applicationName) : [];
    const application = applicationOf(name, preset.applicationName, known, named);
    const { clientId } = application;
    const listed = await listSecrets(reader, clientId);
    const sources = await readSources(facts, clientId, listed);
    const adopted = Object.keys(config["adopted"] ?? {});
    const { history } = outputs;
    const decided = decideTakeover({ name, listed, issued, history, adopted, sources, now });
    return { ...decided, application };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `What the stack ${project.stackName} and its application hold must be readable, but is not: ${whyOf(error)} Nothing was written.`,
    );
  }
}

function whyOf(error: unknown): string {
  if (error instanceof InvalidConfig) return error.problems;
  if (error instanceof NotSignedIn) return error.why;
  if (error instanceof Unmet) return `${error.message} ${error.remedy}`.trim();
  return `${reasonOf(error)}.`;
}

function changesOf({ takes, application }: Found): ConfigChange[] {
  return [
    ...(application.isFound
      ? [{ path: ["applicationClientId"] as const, value: application.clientId }]
      : []),
    ...takes.flatMap(({ keyId, label, ends }) => [
      { path: ["adopted", keyId, "label"] as const, value: label },
      { path: ["adopted", keyId, "endDate"] as const, value: ends },
    ]),
  ];
}

/** A person at a terminal says; where nobody can be asked, nothing is written. */
async function isWanted({ json }: TakeOverOptions, shown: string): Promise<boolean> {
  if (json === true || !process.stdin.isTTY || !process.stderr.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${shown}\n\nWrite this into the stack's file? [y/N]: `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

function endLines({ takes, application }: Found, written: string | undefined): string[] {
  const what = [
    ...(application.isFound ? [`applicationClientId ${application.clientId}`] : []),
    ...takes.map(({ keyId, label }) => `${label} (key id ${keyId})`),
  ].join(", ");
  return written === undefined
    ? [`To be taken over: ${what}. Nothing was written. With --yes it is.`]
    : [
        `Taken over: ${what}. Such a secret is listed, and never removed by this stack.`,
        written,
        "Review and commit it; the next run goes on with a secret of its own.",
      ];
}
