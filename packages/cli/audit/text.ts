// What an audit came to, for a person.
import type { LevelledFinding } from "../../../policy/evaluate";
import { harmless } from "../../../src/foreign-text";
import { table } from "../table";
import type { FoundCredential } from "./application";

/** One credential of the application, and whether the stack manages it; absent when no stack was asked. */
export interface AuditedCredential extends FoundCredential {
  readonly managed?: boolean;
}

/** What an audit came to. */
export interface Audit {
  /** What was looked at: "stack dev", "application SESAR". */
  readonly of: readonly string[];
  readonly day: string;
  readonly rules: number;
  readonly findings: readonly LevelledFinding[];
  readonly credentials?: readonly AuditedCredential[];
}

/** Whether a mandatory rule found something; a note is advisory whatever its rule's level is. */
export function isViolated({ findings }: Audit): boolean {
  return findings.some(({ level }) => level === "mandatory");
}

/** @returns the audit, one finding a paragraph, mandatory ones first */
export function renderAudit({ of, day, rules, findings, credentials }: Audit): string {
  const violations = findings.filter(({ kind }) => kind === "violation");
  const notes = findings.filter(({ kind }) => kind === "note");
  const ordered = [
    ...violations.filter(({ level }) => level === "mandatory"),
    ...violations.filter(({ level }) => level === "advisory"),
    ...notes,
  ];
  return [
    `Audit of ${of.join(" and ")} on ${day}: ${rules} rules, ${count(violations.length, "violation")}, ${count(notes.length, "note")}`,
    ...(credentials === undefined ? [] : ["", "Client secrets:", ...credentialTable(credentials)]),
    ...(findings.length === 0 ? [] : [""]),
    ...ordered.flatMap(({ rule, kind, level, message }) => [
      `${kind === "note" ? "note" : level}  ${rule}`,
      `  ${message}`,
    ]),
    ...(violations.length === 0 ? [] : ["", "policy/RULES.md explains each rule."]),
  ]
    .map((line) => harmless(line))
    .join("\n");
}

function credentialTable(credentials: readonly AuditedCredential[]): string[] {
  const managed = {
    true: "this stack",
    false: "no resource of this stack",
    undefined: "not asked",
  };
  return table(
    ["name", "key id", "of the", "from", "to", "managed by"],
    credentials.map((one) => [
      one.displayName || "(no name)",
      one.keyId,
      one.of,
      one.startDate.slice(0, 10),
      one.endDate.slice(0, 10),
      managed[`${one.managed}`],
    ]),
  );
}

const count = (number: number, word: string): string =>
  `${number} ${word}${number === 1 ? "" : "s"}`;
