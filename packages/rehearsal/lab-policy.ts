// The policy pack on the lab: every rule is mandatory, and what the pack came to is counted.
import { RULES } from "../../policy/rules";
import { SETTINGS_RULE } from "../../policy/rules/packSettings";
import type { Exception } from "../../policy/settings";
import type { PolicyConfig, PolicyMessage } from "../cli/policy";

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
