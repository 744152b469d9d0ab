// What a scheduled run came to: green, a warning, or red, in words, with what to do. A pure function of what the engine
// printed and what the stack's outputs say; no clock, no engine.
import { DateTime, Duration } from "luxon";
import type { StackOutputs } from "../project/outputs";

/** How bad it is: a warning is green for the pipeline, with a note that a person sees. */
export type Level = "green" | "warning" | "red";

/** What happened, in one word; part of the run's outcome file. */
export type Kind =
  | "nothingToDo"
  | "changed"
  | "waiting"
  | "notNow"
  | "endDateNear"
  | "overdue"
  | "refused"
  | "restored"
  | "needsHands"
  | "locked"
  | "policy"
  | "signIn"
  | "protected"
  | "failed";

/** The step of the run that failed. */
export type Stage = "open" | "preview" | "up" | "outputs";

/** What is known at the end of a run. */
export interface RunFacts {
  readonly stack: string;
  /** ISO-8601 duration: "not now" and waiting are red once less than this is left of the held secret. */
  readonly near: string;
  /** Resource operations of the update, counted. */
  readonly changes: Readonly<Partial<Record<string, number>>>;
  readonly outputs?: StackOutputs;
  /** Where it failed, and all that the engine printed then. */
  readonly failure?: { readonly stage: Stage; readonly printed: string };
}

/** A run's end, as people and pipelines read it. */
export interface Verdict {
  readonly kind: Kind;
  readonly level: Level;
  /** One sentence. */
  readonly headline: string;
  /** More sentences: the engine's or the host's own words. */
  readonly details: readonly string[];
  /** What to do, in order; empty when nothing is. */
  readonly todo: readonly string[];
}

/** Judges a run. */
export function verdictOf(facts: RunFacts): Verdict {
  return facts.failure === undefined ? ended(facts) : failed(facts, facts.failure);
}

/** The operations that change something; reading the own outputs is none. */
const CHANGING = ["create", "update", "delete", "replace", "import"];
const DAY_CHARACTERS = 10;

function ended({ stack, near, changes, outputs }: RunFacts): Verdict {
  const reason = outputs?.reason ?? `${stack}: the stack has no output "reason"`;
  const waiting = (outputs?.consumers ?? []).filter((consumer) => !consumer.adopted);
  const notes = outputs?.notes ?? [];
  if (waiting.length === 0) {
    const changed = CHANGING.some((operation) => (changes[operation] ?? 0) > 0);
    return {
      kind: changed ? "changed" : "nothingToDo",
      level: "green",
      headline: reason,
      details: notes,
      todo: [],
    };
  }
  const people = waiting.filter((consumer) => consumer.outcome === "waiting");
  const ends = outputs?.history?.active?.endDate;
  const today = outputs === undefined ? undefined : dayOfRun(outputs);
  const tight = ends !== undefined && today !== undefined && today >= startOfNear(ends, near);
  const details = [
    ...waiting.map(({ name, reason: why }) => `${name}: ${why ?? "waits"}`),
    ...notes,
  ];
  const todo = [
    ...people.flatMap(({ name, instruction }) => [
      ...(instruction ?? []),
      `When ${name} signs in with it: keyturn confirm ${name} --stack ${stack}, review, commit.`,
    ]),
    ...(people.length < waiting.length
      ? [
          "Nothing: the next run tries again. If it never fits, raise patienceSeconds or look at the service's trace.",
        ]
      : []),
  ];
  if (tight) {
    return {
      kind: "endDateNear",
      level: "red",
      headline: `${reason}. The secret that the service holds ends on ${ends.slice(0, DAY_CHARACTERS)}.`,
      details,
      todo: [`Bring the hand-over about before ${ends.slice(0, DAY_CHARACTERS)}.`, ...todo],
    };
  }
  const kind = people.length > 0 ? "waiting" : "notNow";
  return { kind, level: "warning", headline: reason, details, todo };
}

/** The UTC day that the plan was made for, as the outputs imply it: a rehearsal has a clock of its own. */
function dayOfRun({ nextRotation, daysLeft }: StackOutputs): DateTime | undefined {
  if (nextRotation === undefined || daysLeft === undefined) return undefined;
  return DateTime.fromISO(nextRotation, { zone: "utc" }).minus({ days: daysLeft });
}

function startOfNear(endDate: string, near: string): DateTime {
  return DateTime.fromISO(endDate, { zone: "utc" }).minus(Duration.fromISO(near));
}

interface Sign {
  readonly kind: Kind;
  readonly sign: RegExp;
  readonly headline: string;
  readonly todo: (stack: string) => readonly string[];
}

// In order of what decides: a lock and a policy come before anything was done.
const SIGNS: readonly Sign[] = [
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
];

function failed(
  { stack }: RunFacts,
  { stage, printed }: { stage: Stage; printed: string },
): Verdict {
  const found = SIGNS.find(({ sign }) => sign.test(printed));
  const details = sentences(printed);
  if (found !== undefined) {
    const { kind, headline, todo } = found;
    return { kind, level: "red", headline: `${stack}: ${headline}`, details, todo: todo(stack) };
  }
  return {
    kind: "failed",
    level: "red",
    headline: `${stack}: ${STAGES[stage]} failed`,
    details,
    todo: [
      stage === "open"
        ? "Log in to the stack's backend (pulumi login) and name a stack that exists with --stack."
        : "Do what the engine's words below ask for. Running again continues the same rotation.",
    ],
  };
}

const STAGES: Readonly<Record<Stage, string>> = {
  open: "opening the stack",
  preview: "the preview",
  up: "the update",
  outputs: "reading the stack's outputs",
};

const MOST_SENTENCES = 20;

/** The lines that say what went wrong, each once, without the engine's indentation and colours. */
function sentences(printed: string): string[] {
  const lines = printed.split("\n").map((line) => line.trim());
  const telling = lines.filter((line) =>
    /keyturn:|error:|\[mandatory\]|created by |^- /.test(line),
  );
  const bare = (telling.length > 0 ? telling : lines.filter((line) => line !== "")).map((line) =>
    line.replace(/^error:\s*/, ""),
  );
  return [...new Set(bare)].slice(-MOST_SENTENCES);
}
