// The policy pack as the command line uses it: where it is, how a rehearsal configures it, and what it said.
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { RULES } from "../policy/rules";
import { SETTINGS_RULE } from "../policy/rules/packSettings";
import type { Exception } from "../policy/settings";
import { CLONE } from "./clone";

/** Folder of the policy pack, for the engine's --policy-pack. */
export const POLICY_PACK = join(CLONE, "policy");

/** How an operation is held to the pack. */
export interface PolicyUse {
  /** Folder of the pack. */
  readonly pack: string;
  /** The pack's configuration, asked for before each operation. */
  readonly config: () => Promise<PolicyConfig>;
}

/** By rule: its level and its own settings. */
export type PolicyConfig = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Something that a rule said during an operation. */
export interface PolicyMessage {
  readonly rule: string;
  readonly level: "mandatory" | "advisory";
  readonly urn: string;
  readonly message: string;
}

/** What the pack came to over one or more operations. */
export interface PolicyTally {
  readonly rules: number;
  readonly violations: readonly PolicyMessage[];
  /** In the words of the pack, each once. */
  readonly exceptions: readonly string[];
  /** Values that were not known in a preview, and the like. */
  readonly notes: readonly PolicyMessage[];
}

/** Every rule mandatory, on the lab, on the lab's day. */
export function labPolicyConfig(
  today: string,
  exceptions: readonly Exception[] = [],
): PolicyConfig {
  const levels = RULES.map(({ id }) => [id, { enforcementLevel: "mandatory" }] as const);
  const settings = { enforcementLevel: "mandatory", lab: true, today, exceptions };
  return { ...Object.fromEntries(levels), [SETTINGS_RULE]: settings };
}

/** What an event of the engine says of a rule; undefined for other events. */
export function policyMessage({ policyEvent }: EngineEvent): PolicyMessage | undefined {
  if (policyEvent === undefined) return undefined;
  return {
    rule: policyEvent.policyName,
    level: policyEvent.enforcementLevel === "mandatory" ? "mandatory" : "advisory",
    urn: policyEvent.resourceUrn ?? "",
    // The engine's colours come as <{%reset%}>.
    message: policyEvent.message.replaceAll(/<\{%[^%]*%\}>/g, "").trim(),
  };
}

/** Sorts what was said into violations, exceptions and notes. */
export function tally(messages: readonly PolicyMessage[]): PolicyTally {
  const isException = (one: PolicyMessage): boolean =>
    one.rule === SETTINGS_RULE && one.level === "advisory";
  return {
    rules: RULES.length,
    violations: messages.filter((one) => one.level === "mandatory"),
    exceptions: [...new Set(messages.filter(isException).map(({ message }) => message))],
    notes: messages.filter((one) => one.level === "advisory" && !isException(one)),
  };
}
