// The policy pack as an operation runs under it: where it is, how it is configured, and what it said.
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
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
