// What the policy pack said of a run: what it found, the exceptions in force, and what it could not decide.
import { harmless } from "../../../src/foreign-text";
import { SETTINGS_RULE } from "../../../policy/rules/packSettings";
import type { PolicyMessage } from "../policy";

/** In the words of the pack, each once; no rule says a secret. */
export interface RunPolicy {
  readonly findings: readonly string[];
  readonly exceptions: readonly string[];
  readonly undecided: readonly string[];
}

/** @param messages of the run's last operation under the pack */
export function policyOf(messages: readonly PolicyMessage[]): RunPolicy {
  const kind = ({ rule, level, message }: PolicyMessage): keyof RunPolicy => {
    if (rule === SETTINGS_RULE && level === "advisory") return "exceptions";
    return /so this rule is (not )?decided/.test(message) ? "undecided" : "findings";
  };
  const of = (wanted: keyof RunPolicy): string[] => [
    ...new Set(
      messages
        .filter((one) => kind(one) === wanted)
        .map(({ rule, level, message }) => harmless(`${rule} (${level}): ${message}`)),
    ),
  ];
  return { findings: of("findings"), exceptions: of("exceptions"), undecided: of("undecided") };
}

/** For a person: counts first, then everything said. */
export function policyLines(policy: RunPolicy | undefined): string[] {
  if (policy === undefined) return ["This run was under no policy pack."];
  const { findings, exceptions, undecided } = policy;
  const counts = `${findings.length} findings, ${exceptions.length} exceptions in force, ${undecided.length} undecided`;
  return [counts, ...findings, ...exceptions, ...undecided];
}
