// The failures that a run knows by what the engine printed: each one's sign, what it means, and what to do.

/** What can have happened, each in one word; part of the run's outcome file. */
export const KINDS = [
  "nothingToDo",
  "changed",
  "waiting",
  "notNow",
  "endDateNear",
  "overdue",
  "refused",
  "restored",
  "needsHands",
  "locked",
  "policy",
  "signIn",
  "rights",
  "tenantPolicy",
  "throttled",
  "protected",
  "interrupted",
  "failed",
] as const;

export type Kind = (typeof KINDS)[number];

/** How a kind of failure is known, and what it means. */
export interface Sign {
  readonly kind: Kind;
  readonly sign: RegExp;
  readonly headline: string;
  readonly todo: (stack: string) => readonly string[];
}

/** What the program notes of machines that were asked in vain for longer than the overlap. */
export const LATE_MACHINES = /must come to hold the secret of/;

/** In order of what decides: a lock and a policy come before anything was done. */
export const SIGNS: readonly Sign[] = [
  {
    kind: "locked",
    sign: /the stack is currently locked by|Another update is currently in progress|Conflict: .*update/,
    headline: "another run holds the stack's lock, or one that died left it",
    todo: (stack) => [
      "See below who took it and when. If that run still goes on: wait for it.",
      `If it is dead: pulumi cancel --stack ${stack}, then run again. The next run continues the same rotation.`,
    ],
  },
  {
    kind: "policy",
    sign: /\[mandatory\]|mandatory polic/i,
    headline: "the policy pack refuses what this run would declare",
    todo: () => [
      "Correct what the rule names, or write an exception with rule, resource, reason and end date. Nothing was changed by a refused preview.",
    ],
  },
  {
    kind: "needsHands",
    sign: /Process exited with status 22/,
    headline: "restoring failed too; a person must act now",
    todo: () => ["Do exactly what the sentence below says, then run again."],
  },
  {
    kind: "restored",
    sign: /Process exited with status 21/,
    headline: "the service did not come up on the new secret; the former file is back and proven",
    todo: () => [
      "Read the service's own log. The next run tries once more; after two such ends raise the consumer's retry in the stack's config.",
    ],
  },
  {
    kind: "refused",
    sign: /Process exited with status 20/,
    headline: "the host refuses the update; the service was not stopped",
    todo: () => ["Put right what the sentence below says, then run again."],
  },
  {
    kind: "overdue",
    sign: /must confirm the secret of/,
    headline: "the overlap is over and a hand-over is not confirmed",
    todo: () => [
      "Do what the sentence below says. The former secret stays valid until its end date.",
    ],
  },
  {
    kind: "signIn",
    sign: /must sign in, but|must have admin consent for|must answer one read per permission|is its Secret ID/,
    headline: "the new secret is not proven; no host was touched",
    todo: () => ["Do what the sentence below says, then run again."],
  },
  {
    kind: "protected",
    sign: /cannot be deleted because it is protected|because it is protected/,
    headline: "something left a protected resource out of the program; nothing was deleted",
    todo: () => [
      "Find the mistake in config or code. Do not unprotect a secret that a service holds.",
    ],
  },
  {
    kind: "tenantPolicy",
    sign: /AsPerAppPolicy|as per assigned policy/,
    headline: "an app management policy of the tenant refuses the secret; no host was touched",
    todo: (stack) => [
      `Lower lifetime, with every and overlap, in Pulumi.${stack}.yaml to what the policy allows, or have this application exempted from it. Then run again.`,
    ],
  },
  {
    kind: "rights",
    sign: /Authorization_RequestDenied|AuthorizationFailed|ForbiddenByRbac/,
    headline: "the deploying identity lacks a right",
    todo: () => [
      "Give it the right: docs/rights.md says what each is for and what its absence looks like. Then run again; it goes on where it was.",
    ],
  },
  {
    kind: "throttled",
    sign: /TooManyRequests|Too Many Requests/,
    headline: "Entra, Graph or Azure asks for fewer calls",
    todo: () => ["Nothing: the next run goes on with the same secret."],
  },
];
