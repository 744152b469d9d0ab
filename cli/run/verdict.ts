// What a scheduled run came to: green, a warning, or red, in words, with what to do. A pure function of what the engine
// printed and what the stack's outputs say; no clock, no engine.
import { stripVTControlCharacters } from "node:util";
import { DateTime, Duration } from "luxon";
import type { StackOutputs } from "../project/outputs";
import { type Kind, LATE_MACHINES, SIGNS } from "./signs";

/** How bad it is: a warning is green for the pipeline, with a note that a person sees. */
export type Level = "green" | "warning" | "red";

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
  if (notes.some((note) => LATE_MACHINES.test(note))) {
    const headline = `${reason}. The overlap is over, and a machine is still on the former secret.`;
    return { kind: "overdue", level: "red", headline, details, todo };
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
  // An engine that ends by itself says why; one that is killed says nothing.
  if ((stage === "preview" || stage === "up") && !/error:/.test(printed)) {
    return {
      kind: "interrupted",
      level: "red",
      headline: `${stack}: the engine was ended in the middle of ${STAGES[stage]}`,
      details,
      todo: [
        `Run again. If it left its lock, that run says so: pulumi cancel --stack ${stack}. The same rotation goes on.`,
      ],
    };
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

/** What the engine shows of the stack's outputs; a failed update takes all of them for removed. */
const OUTPUTS = /^Outputs:\n(?:[ \t].*\n)*/gm;
/** The engine's progress ("+  keyturn:index:Credential sesar create") and its headings ("keyturn:index:Credential (sesar):"). */
const RESOURCE = /^(\S{1,2} +)?[\w-]+:[\w./]+:\w+ /;

/** The lines that say what went wrong, each once, without the engine's indentation and colours. */
function sentences(printed: string): string[] {
  const all = stripVTControlCharacters(printed).replaceAll(OUTPUTS, "").split("\n");
  const lines = all.map((line) => line.trim()).filter((line) => !RESOURCE.test(line));
  const telling = lines.filter((line) =>
    /keyturn:|error:|\[mandatory\]|created by |^[-*] /.test(line),
  );
  const bare = (telling.length > 0 ? telling : lines.filter((line) => line !== "")).map((line) =>
    line.replace(/^error:\s*/, ""),
  );
  return [...new Set(bare)].slice(-MOST_SENTENCES);
}
