// The failures that a run knows: ours by their code, a host's by its report, others' by what the engine printed; what each
// means, and what to do.
import { type FailureCode, codesIn } from "../../../src/contracts/failure-code";
import {
  HOST_EXIT_CODES,
  type HostOutcome,
  reportedOutcomes,
} from "../../../src/contracts/host-update";

/** What can have happened, each in one word; part of the run's outcome file. */
export const KINDS = [
  "nothingToDo",
  "changed",
  "waiting",
  "notNow",
  "endDateNear",
  "overdue",
  "stillUsed",
  "notLetGo",
  "refused",
  "restored",
  "needsHands",
  "locked",
  "policy",
  "signIn",
  "unreachable",
  "link",
  "unread",
  "stateKey",
  "tokenEnded",
  "untrustedJob",
  "rights",
  "tenantPolicy",
  "throttled",
  "protected",
  "interrupted",
  "failed",
] as const;

export type Kind = (typeof KINDS)[number];

/** By what a kind of failure is known: words of the engine or a server, a code of ours, or what a host reports. */
type Mark =
  { readonly words: RegExp } | { readonly code: FailureCode } | { readonly outcome: HostOutcome };

/** How a kind of failure is known, and what it means. */
export interface Sign {
  readonly kind: Kind;
  readonly sign: Mark;
  readonly headline: string;
  readonly todo: (stack: string) => readonly string[];
}

/** In order of what decides: a lock and a policy come before anything was done. */
const SIGNS: readonly Sign[] = [
  {
    kind: "locked",
    sign: {
      words:
        /the stack is currently locked by|Another update is currently in progress|Conflict: .*update/,
    },
    headline: "another run holds the stack's lock, or one that died left it",
    todo: (stack) => [
      "See below who took it and when. If that run still goes on: wait for it.",
      `If it is dead: pulumi cancel --stack ${stack}, then run again. The next run continues the same rotation.`,
    ],
  },
  {
    kind: "policy",
    sign: { words: /\[mandatory\]|mandatory polic/i },
    headline: "the policy pack refuses what this run would declare",
    todo: () => [
      "Correct what the rule names, or write an exception with rule, resource, reason and end date. Nothing was changed by a refused preview.",
    ],
  },
  {
    kind: "needsHands",
    sign: { outcome: "needsHands" },
    headline: "restoring failed too; a person must act now",
    todo: () => ["Do exactly what the sentence below says, then run again."],
  },
  {
    kind: "restored",
    sign: { outcome: "restored" },
    headline: "the service did not come up on the new secret; the former file is back and proven",
    todo: () => [
      "Read the service's own log. The next run tries once more; after two such ends raise the consumer's retry in the stack's config.",
    ],
  },
  {
    kind: "refused",
    sign: { outcome: "refused" },
    headline: "the host refuses the update; the service was not stopped",
    todo: () => ["Put right what the sentence below says, then run again."],
  },
  {
    kind: "overdue",
    sign: { code: "overdue" },
    headline: "the overlap is over and a hand-over is not confirmed",
    todo: () => [
      "Do what the sentence below says. The former secret stays valid until its end date.",
    ],
  },
  {
    kind: "signIn",
    sign: { code: "signIn" },
    headline: "the new secret is not proven; no host was touched",
    todo: () => ["Do what the sentence below says, then run again."],
  },
  {
    kind: "unreachable",
    sign: { code: "sshCheck" },
    headline: "a host cannot be reached; nothing was touched there",
    todo: () => ["Do what the sentence below says, then run again."],
  },
  {
    kind: "link",
    sign: { code: "oneTimeLink" },
    headline: "no one-time link could be made; the secret is stored, and nobody has it yet",
    todo: () => ["Do what the sentence below says, then run again."],
  },
  {
    kind: "protected",
    sign: { words: /cannot be deleted because it is protected|because it is protected/ },
    headline: "something left a protected resource out of the program; nothing was deleted",
    todo: () => [
      "Find the mistake in config or code. Do not unprotect a secret that a service holds.",
    ],
  },
  {
    kind: "tenantPolicy",
    sign: { words: /AsPerAppPolicy|as per assigned policy/ },
    headline: "an app management policy of the tenant refuses the secret; no host was touched",
    todo: (stack) => [
      `Lower lifetime, with every and overlap, in Pulumi.${stack}.yaml to what the policy allows, or have this application exempted from it. Then run again.`,
    ],
  },
  {
    kind: "stateKey",
    // Key Vault refuses what another version of the key has closed; without a version the engine asks the newest one.
    sign: { words: /\/keys\/[^\s/]+\/decrypt\b[^]*BadParameter/ },
    headline:
      "the key of the stack's secrets has a new version, and secretsprovider names none; nothing was changed",
    todo: () => [
      'Name the version that closed them: docs/backend.md, "When the key gets a new version". Logging in anew does not help.',
    ],
  },
  {
    kind: "stateKey",
    sign: {
      words: /\/keys\/[^\s/]+(\/\w+)?\/decrypt\b[^]*(BadParameter|KeyDisabled|KeyNotFound)/,
    },
    headline: "the key of the stack's secrets does not open them; nothing was changed",
    todo: () => [
      'Enable or recover the version that secretsprovider names, or name the one that closed them: docs/backend.md, "When the key gets a new version".',
    ],
  },
  {
    kind: "tokenEnded",
    // A job's own token, a person's sign-in, and an access token that nobody renewed, in the words of Entra, ARM and Graph.
    sign: {
      words:
        /AADSTS(700024|700082|70043)\b|ExpiredAuthenticationToken|Lifetime validation failed, the token is expired/,
    },
    headline: "the sign-in of this run ended before the run did",
    todo: () => [
      "Run again: a new job signs in anew, and the same rotation goes on. A host that was being updated goes on to its end by itself.",
      'If it ends so again: pipelines/README.md, "How long a run may take", says what of the config takes how long. At the very beginning of a run it is a clock: compare the times in the sentence below.',
    ],
  },
  {
    kind: "untrustedJob",
    // No credential of the application names this issuer, audience or subject, by Entra's present and former codes; or none is there.
    sign: { words: /AADSTS(70021|700211|700212|700213|7002138|70025)\b/ },
    headline: "Entra does not trust this job's identity token",
    todo: () => [
      "Hold what the sentence below names against the federated credentials of the pipeline's application (Entra, App registrations, Certificates & secrets), and correct or add one: pipelines/README.md. Then run again.",
    ],
  },
  {
    kind: "rights",
    sign: { words: /Authorization_RequestDenied|AuthorizationFailed|ForbiddenByRbac/ },
    headline: "the deploying identity lacks a right",
    todo: () => [
      "Give it the right: docs/rights.md says what each is for and what its absence looks like. Then run again; it goes on where it was.",
    ],
  },
  {
    kind: "throttled",
    sign: { words: /TooManyRequests|Too Many Requests/ },
    headline: "Entra, Graph or Azure asks for fewer calls",
    todo: () => ["Nothing: the next run goes on with the same secret."],
  },
];

/** The first kind of failure that what the engine printed shows. */
export function failureIn(printed: string): Sign | undefined {
  const codes = codesIn(printed);
  const outcomes = reportedOutcomes(printed);
  const shows = (sign: Mark): boolean => {
    if ("words" in sign) return sign.words.test(printed);
    if ("code" in sign) return codes.has(sign.code);
    // A shell may make every exit code 1: it counts only where no report is.
    const byExitCode = new RegExp(`Process exited with status ${HOST_EXIT_CODES[sign.outcome]}\\b`);
    return outcomes.size > 0 ? outcomes.has(sign.outcome) : byExitCode.test(printed);
  };
  return SIGNS.find(({ sign }) => shows(sign));
}
