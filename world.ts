// What the program reads of the world, once, before it declares anything: the time, its own last outputs and state,
// and the text of the update scripts. Components read nothing.
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
import type { ClientRequest, IncomingMessage } from "node:http";
import { get } from "node:http";
import { basename, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { Consumer } from "./components/pure/settings";
import { isAutomatic } from "./components/pure/settings";

const ROOT = basename(__dirname) === "dist" ? dirname(__dirname) : __dirname;
const SCRIPTS = { sh: "update.sh", powershell: "update.ps1" } as const;
const CONTROL = "KEYTURN_LAB_CONTROL";

/** The time of this run: the system's, or the lab's for a rehearsal. */
export async function readNow(rehearsalClock: boolean): Promise<Date> {
  if (!rehearsalClock) return new Date();
  const path = process.env[CONTROL];
  if (path === undefined) {
    throw new Error(
      `rehearsalClock must be used with a lab only, and ${CONTROL} is not set. Start the lab, or remove rehearsalClock from Pulumi.<stack>.yaml.`,
    );
  }
  const { url, token } = JSON.parse(readFileSync(path, "utf8")) as { url: string; token: string };
  const { now } = (await getJson(`${url}/clock`, token)) as { now?: string };
  const instant = new Date(now ?? "");
  if (Number.isNaN(instant.getTime())) {
    throw new Error(`The lab's clock at ${url} must say the time, but does not. Start it again.`);
  }
  return instant;
}

/** Not fetch: that loads a client of its own, a tenth of a second at every start. */
async function getJson(url: string, token: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers, agent: false, timeout: CONTROL_MILLISECONDS }, resolve)
      .once("error", reject)
      .once("timeout", function (this: ClientRequest) {
        this.destroy(new Error(`The lab's control at ${url} must answer, but does not.`));
      });
  });
  return JSON.parse(await text(response));
}

const CONTROL_MILLISECONDS = 10_000;

/** What the stack itself knows: of its last outputs what the plan needs, and its resources with their outputs. */
export interface OwnStack {
  readonly history: unknown;
  /** What the last run said about its consumers. */
  readonly consumers: unknown;
  readonly resources: Readonly<Record<string, unknown>>;
}

/**
 * Reads the stack through a reference to itself: what the last successful run recorded, and then the state. In this
 * order: the reference is a step of its own, whose checkpoint the engine writes before it answers, so that an update
 * with a refresh sees what the refresh found. A preview writes none, and sees the state from before.
 * @param historyOutput the output in which the program records the history
 */
export async function readOwnStack(historyOutput = "history"): Promise<OwnStack> {
  const stackName = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const self = new pulumi.StackReference("self", { name: stackName });
  const history = await readOutput(self, historyOutput);
  const consumers = await readOutput(self, "consumers");
  return { history, consumers, resources: await readResources(stackName) };
}

/**
 * One of the outputs; undefined only if it is not there. `--continue-on-error` writes unknowns into the outputs, and
 * the SDK reads those as undefined (up) or does not tell at all (preview): absent would mean new.
 */
async function readOutput(self: pulumi.StackReference, name: string): Promise<unknown> {
  // The SDK's own property, which its types leave out.
  const { isKnown } = self.outputs as unknown as { readonly isKnown: Promise<boolean> };
  if (!(await isKnown)) return UNKNOWN;
  const outputs = await new Promise<Record<string, unknown>>((resolve) => {
    self.outputs.apply(resolve);
  });
  return Object.hasOwn(outputs, name) && outputs[name] === undefined ? UNKNOWN : outputs[name];
}

const UNKNOWN = "an unknown value";

/** The update scripts that the consumers need, by interpreter. */
export function readScripts(consumers: readonly Consumer[]): Record<string, string> {
  const needed = new Set(consumers.filter(isAutomatic).map(({ host }) => host.interpreter));
  return Object.fromEntries(
    [...needed].map((kind) => [kind, readFileSync(join(ROOT, "host", SCRIPTS[kind]), "utf8")]),
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
  const deadline = Date.now() + CHECKPOINT_MILLISECONDS;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (!text.includes(HALF_WRITTEN) || Date.now() > deadline) throw error;
      await delay(LOOK_MILLISECONDS);
    }
  }
}

const HALF_WRITTEN = "failed to load checkpoint";
const CHECKPOINT_MILLISECONDS = 10_000;
const LOOK_MILLISECONDS = 20;

/** Takes the engine's secret wrapper off objects; values that are texts stay wrapped and are not read. */
function plain(value: unknown): unknown {
  const bare: unknown = pulumi.runtime.isRpcSecret(value)
    ? pulumi.runtime.unwrapRpcSecret(value)
    : value;
  if (typeof bare !== "object" || bare === null || Array.isArray(bare)) return value;
  return Object.fromEntries(Object.entries(bare).map(([key, inner]) => [key, plain(inner)]));
}
