// The corpus: foreign programs, one for each typical mistake, and the rules that find it. docs/policy.md shows it as a table.
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { PolicyConfig } from "../../../packages/cli/policy";
import { CLONE } from "../../helpers/paths";

const PROGRAMS = join(CLONE, "test", "policy", "corpus", "programs");
/** What the programs have in common. */
const SHARED = ["main", "parts", "graph", "host", "clock"];

export interface Mistake {
  readonly program: string;
  /** What is wrong, where it is not in the program, which says it in its first line. */
  readonly mistake?: string;
  /** The rules that find it, the one that names it first. */
  readonly rules: readonly string[];
  /** What a preview does not know, as the notes say it. */
  readonly unknown?: RegExp;
  /** Found at the update only: a preview does not know what decides. @default "preview" */
  readonly at?: "update";
  readonly config?: PolicyConfig;
  readonly environment?: Readonly<Record<string, string>>;
}

const ended = { rule: "secretHasExpiry", resource: "a", reason: "b", until: "2026-01-01" };

export const MISTAKES: readonly Mistake[] = [
  {
    program: "time-rotating",
    rules: ["passwordNotReplacedInPlace"],
    unknown: /endDate is not known in a preview/,
  },
  { program: "two-year-default", rules: ["passwordHasEndDate"] },
  { program: "relative-end-date", rules: ["passwordEndDateNotRelative", "passwordHasEndDate"] },
  { program: "end-of-the-century", rules: ["passwordLifetimeAtMost"] },
  { program: "fraction-of-a-second", rules: ["passwordEndDateWholeSeconds"] },
  { program: "inline-password", rules: ["passwordNotInline"] },
  { program: "nearly-over", rules: ["passwordDaysLeftAtLeast"] },
  { program: "never-expiring-secret", rules: ["secretHasExpiry"] },
  { program: "expiry-of-another-day", rules: ["secretExpiryMatchesPassword"] },
  { program: "secret-without-type", rules: ["secretHasContentType"] },
  { program: "untagged-secret", rules: ["secretHasRotationTags"] },
  { program: "secret-on-the-command-line", rules: ["remoteCommandKeepsSecretOffCommandLine"] },
  { program: "secret-in-the-environment", rules: ["remoteCommandKeepsSecretOffCommandLine"] },
  { program: "any-host", rules: ["remoteCommandHasHostKey"] },
  { program: "talkative-command", rules: ["remoteCommandLogsNothing"] },
  { program: "owner-of-the-group", rules: ["roleAssignmentNotOwner"] },
  { program: "multi-tenant", rules: ["applicationSingleTenant"] },
  { program: "undeclared-role", rules: ["graphRolesExactly"] },
  { program: "unconsented-role", rules: ["graphRolesConsented"] },
  { program: "nearly-licence-groups", rules: ["licenceGroupsExact"] },
  { program: "unprotected-licence-groups", rules: ["licenceGroupsProtected"] },
  { program: "member-of-no-licence", rules: ["noLicenceGroupMembersByCode"] },
  { program: "tight-schedule", rules: ["rotationFitsLifetime"] },
  {
    program: "adopted-by-the-host-alone",
    rules: ["adoptionLevelAtLeast"],
    config: { adoptionLevelAtLeast: { minimum: "log" } },
  },
  { program: "movable-clock", rules: ["rehearsalClockInLabOnly"] },
  {
    program: "years-of-a-clock",
    rules: ["passwordLifetimeAtMost"],
    unknown: /endDate is not known in a preview, so this rule is decided at the update/,
    at: "update",
  },
  {
    program: "correct",
    mistake: "the engine is told to go on after an error.",
    rules: ["continueOnErrorRefused"],
    environment: { PULUMI_CONTINUE_ON_ERROR: "true" },
  },
  {
    program: "correct",
    mistake: "an exception that has ended.",
    rules: ["packSettings"],
    config: { packSettings: { exceptions: [ended] } },
  },
];

/** Every program of the corpus by name. */
export function programNames(): string[] {
  return readdirSync(PROGRAMS)
    .map((file) => basename(file, ".ts"))
    .filter((name) => !SHARED.includes(name));
}

/** What is wrong with a program, as a sentence. */
export function sentenceOf({ program, mistake }: Mistake): string {
  const [, told] =
    /^\/\/ The mistake: (.*)$/m.exec(readFileSync(join(PROGRAMS, `${program}.ts`), "utf8")) ?? [];
  const sentence = mistake ?? told ?? "";
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
}
