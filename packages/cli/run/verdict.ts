// What a scheduled run came to: green, a warning, or red, in words, with what to do. A pure function of what the engine
// printed and what the stack's outputs say; no clock, no engine.
import { DateTime, Duration } from "luxon";
import { harmless } from "../../../src/foreign-text";
import { UNREAD } from "../../../src/decide/outcome";
import { LATE_MACHINES } from "../../../src/decide/overdue";
import { NOT_LET_GO, STILL_USED } from "../../../src/decide/release-evidence";
import type { StackOutputs } from "../project/outputs";
import { type Kind, failureIn } from "./failure-kinds";
import { sentences } from "./sentences";

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
  /** Why the engine did not read first what is really there. */
  readonly notRefreshed?: string;
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
  const verdict = facts.failure === undefined ? ended(facts) : failed(facts, facts.failure);
  const { headline, todo } = verdict;
  const details = [...verdict.details, ...(facts.notRefreshed ? [facts.notRefreshed] : [])];
  const all = (lines: readonly string[]): string[] => lines.map((line) => harmless(line));
  return { ...verdict, headline: harmless(headline), details: all(details), todo: all(todo) };
}

/** The operations that change something; reading the own outputs is none. */
const CHANGING = ["create", "update", "delete", "replace", "import"];
const DAY_CHARACTERS = 10;

function ended({ stack, near, changes, outputs }: RunFacts): Verdict {
  const reason = outputs?.reason ?? `${stack}: the stack has no output "reason"`;
  const waiting = (outputs?.consumers ?? []).filter((consumer) => !consumer.adopted);
  const notes = outputs?.notes ?? [];
  const heldBack = heldBackKind(notes);
  if (waiting.length === 0 && heldBack !== undefined)
    return { ...heldBack, ...HELD_BACK, headline: reason, details: notes };
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
  const unread = waiting.filter(({ outcome }) => outcome === UNREAD).map(({ name }) => name);
  if (unread.length > 0) {
    return {
      kind: "unread",
      level: "red",
      headline: `${reason}. What came of ${unread.join(", ")} is not known: no report could be read.`,
      details,
      todo: [
        "Run again: a host that holds the secret answers without another restart. If it stays so, look what the login of the connection's user prints, and whether the update script ran to its end.",
      ],
    };
  }
  if (tight) {
    return {
      kind: "endDateNear",
      level: "red",
      headline: `${reason}. The secret that the service holds ends on ${ends.slice(0, DAY_CHARACTERS)}.`,
      details,
      todo: [`Bring the hand-over about before ${ends.slice(0, DAY_CHARACTERS)}.`, ...todo],
    };
  }
  if (notes.some((note) => note.includes(LATE_MACHINES))) {
    const headline = `${reason}. The overlap is over, and a machine is still on the former secret.`;
    return { kind: "overdue", level: "red", headline, details, todo };
  }
  if (heldBack?.level === "red") {
    return { ...heldBack, headline: reason, details, todo: [...HELD_BACK.todo, ...todo] };
  }
  const kind = people.length > 0 ? "waiting" : "notNow";
  return { kind, level: "warning", headline: reason, details, todo };
}

/** Whether the sign-in log holds a former secret back: red while somebody uses it. */
function heldBackKind(notes: readonly string[]): Pick<Verdict, "kind" | "level"> | undefined {
  if (notes.some((note) => note.includes(STILL_USED))) return { kind: "stillUsed", level: "red" };
  const held = notes.some((note) => note.includes(NOT_LET_GO));
  return held ? { kind: "notLetGo", level: "warning" } : undefined;
}

const HELD_BACK = { todo: ["Do what the note about the former secret says; nothing was removed."] };

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
  const found = failureIn(printed);
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
