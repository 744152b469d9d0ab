// What the program reads of itself, once, before it declares anything: its own last outputs and state, and the text of
// the update scripts. Components read nothing.
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { insist, realPace } from "../http/pace";
import type { Consumer } from "../keyturn-config";
import { isAutomatic } from "../keyturn-config";
import { PROGRAM_ROOT } from "../program-root";

export { readNow } from "./clock";

const SCRIPTS = { sh: "update.sh", powershell: "update.ps1" } as const;

/** What the stack itself knows: of its last outputs what the plan needs, and its resources with their outputs. */
export interface OwnStack {
  readonly history: unknown;
  /** What the last run said about its consumers. */
  readonly consumers: unknown;
  /** What it said about the secrets whose successor is adopted. */
  readonly formerSecrets: unknown;
  /** When our own proofs signed in. */
  readonly proofs: unknown;
  readonly resources: Readonly<Record<string, unknown>>;
}

/**
 * Reads the stack through a reference to itself: what the last successful run recorded, and then the state. In this
 * order: the reference is a step of its own, whose checkpoint the engine writes before it answers, so that an update
 * with a refresh sees what the refresh found. A preview writes none, and sees the state from before.
 * @param historyOutput the output in which the program records the history
 * @param under the output that holds it, where the program has several credentials; each has a reference of its own
 */
export async function readOwnStack(historyOutput = "history", under?: string): Promise<OwnStack> {
  const stackName = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const reference = under === undefined ? "self" : `self-${under}`;
  const outputs = await readOutputs(new pulumi.StackReference(reference, { name: stackName }));
  const own = under === undefined ? outputs : within(outputs, under);
  const history = outputOf(own, historyOutput);
  const consumers = outputOf(own, "consumers");
  const formerSecrets = outputOf(own, "formerSecrets");
  const proofs = outputOf(own, "proofs");
  return { history, consumers, formerSecrets, proofs, resources: await readResources(stackName) };
}

type Outputs = Readonly<Record<string, unknown>> | typeof UNKNOWN;

/**
 * The outputs, or that they are not known. `--continue-on-error` writes unknowns into the outputs, and the SDK reads those as
 * undefined (up) or does not tell at all (preview): absent would mean new.
 */
async function readOutputs(self: pulumi.StackReference): Promise<Outputs> {
  // The SDK's own property, which its types leave out.
  const { isKnown } = self.outputs as unknown as { readonly isKnown: Promise<boolean> };
  if (!(await isKnown)) return UNKNOWN;
  return new Promise((resolve) => {
    self.outputs.apply(resolve);
  });
}

/** One of the outputs; undefined only if it is not there. */
function outputOf(outputs: Outputs, name: string): unknown {
  if (outputs === UNKNOWN) return UNKNOWN;
  return Object.hasOwn(outputs, name) && outputs[name] === undefined ? UNKNOWN : outputs[name];
}

/** The outputs that one output holds. What is no object is handed on, and read as a history that cannot be. */
function within(outputs: Outputs, name: string): Outputs {
  const found = outputOf(outputs, name);
  if (found === undefined) return {};
  return typeof found === "object" && found !== null ? (found as Outputs) : UNKNOWN;
}

const UNKNOWN = "an unknown value";

/** The update scripts that the consumers need, by interpreter. */
export function readScripts(consumers: readonly Consumer[]): Record<string, string> {
  const needed = new Set(consumers.filter(isAutomatic).map(({ host }) => host.interpreter));
  return Object.fromEntries(
    [...needed].map((kind) => [
      kind,
      readFileSync(join(PROGRAM_ROOT, "host", SCRIPTS[kind]), "utf8"),
    ]),
  );
}

/** Type and outputs of every resource in the state, from the engine's own functions; secrets stay behind. */
async function readResources(stackName: string): Promise<Record<string, unknown>> {
  const token = "pulumi:pulumi:readStackResourceOutputs";
  const answer = await whole(() => pulumi.runtime.invoke(token, { stackName }) as Promise<unknown>);
  const { outputs } = plain(answer) as { outputs: Record<string, unknown> };
  return plain(outputs) as Record<string, unknown>;
}

/**
 * Reads again while the engine is in the middle of writing the state that is read: a file backend truncates before it
 * writes. Any other error, or this one after the deadline, is the caller's.
 */
async function whole(read: () => Promise<unknown>): Promise<unknown> {
  const once = (): Promise<{ readonly answer: unknown } | { readonly error: unknown }> =>
    read().then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    );
  const end = await insist(realPace(), once, (result) => {
    if (!("error" in result)) return undefined;
    const text = result.error instanceof Error ? result.error.message : String(result.error);
    return text.includes(HALF_WRITTEN) ? HALF_WRITTEN_PATIENCE : undefined;
  });
  if ("error" in end) throw end.error;
  return end.answer;
}

const HALF_WRITTEN = "failed to load checkpoint";
const HALF_WRITTEN_PATIENCE = { until: 10, pauseSeconds: 0.02 };

/** Takes the engine's secret wrapper off objects; values that are texts stay wrapped and are not read. */
function plain(value: unknown): unknown {
  const bare: unknown = pulumi.runtime.isRpcSecret(value)
    ? pulumi.runtime.unwrapRpcSecret(value)
    : value;
  if (typeof bare !== "object" || bare === null || Array.isArray(bare)) return value;
  return Object.fromEntries(Object.entries(bare).map(([key, inner]) => [key, plain(inner)]));
}
