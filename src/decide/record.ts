// Records what a run came to: adoption, overlap and release. The result is the output `history`, from which
// the next run plans. Adoption needs every consumer; nothing is released in a run without it.
import type { History, IssuedPassword } from "./history";
import { lateMachines } from "./overdue";
import type { Plan } from "./run-plan";
import type { ConsumerResult } from "./outcome";
import type { ProofSpan } from "./sign-ins";

/** What the run is recorded as. */
export interface RunRecord {
  /** The output `history`. */
  readonly history: History;
  /** Whether every consumer holds the target's secret. */
  readonly settled: boolean;
  /** The reason in words, after the fact. */
  readonly reason: string;
  /** When the target's proof signed in; absent where it does not say. */
  readonly proof?: ProofSpan;
  /** What an operator is to know. */
  readonly notes: readonly string[];
}

/** Records a run from its plan, the key ids of the declared passwords and the consumers' outcomes. */
export function recordRun(
  plan: Plan,
  keyIds: Readonly<Record<string, string>>,
  consumers: readonly ConsumerResult[],
): RunRecord {
  const before = plan.history;
  const issued = (label: string): IssuedPassword => {
    const password = plan.passwords.find((candidate) => candidate.label === label);
    const keyId = keyIds[label];
    if (password === undefined || keyId === undefined) {
      throw new Error(
        `${plan.name}: ${label} must be declared to be recorded. Report this defect.`,
      );
    }
    return { label, endDate: password.endDate, keyId };
  };
  const target = { ...plan.target, ...issued(plan.target.label) };
  const waiting = consumers.filter((c) => !c.adopted || c.keyId !== target.keyId);
  const declared = (label: string): boolean => plan.passwords.some((p) => p.label === label);
  const kept = (before?.retiring ?? [])
    .filter((epoch) => declared(epoch.label) && epoch.label !== target.label)
    .map((epoch) => ({ ...epoch, ...issued(epoch.label) }));

  if (waiting.length > 0 || consumers.length === 0) {
    const since = plan.waiting?.since ?? plan.today;
    // People are not asked again by another attempt: a run that waits for them only changes nothing.
    const again = waiting.length === 0 || waiting.some(({ kind }) => kind === "automatic");
    return {
      settled: false,
      notes: [lateMachines(plan, target.keyId, waiting)].filter((note) => note !== undefined),
      reason: waitingReason(plan, waiting, since),
      history: {
        version: 1,
        ...(before?.active ? { active: before.active } : {}),
        inFlight: { ...target, since, attempt: plan.attempt, ...(again ? {} : { again }) },
        retiring: kept,
        skipped: plan.skipped.map(issued),
        released: [],
      },
    };
  }

  const active = before?.active;
  const same = active?.label === target.label && active.keyId === target.keyId;
  const adoptedOn = same ? active.adoptedOn : plan.today;
  const releasing = new Set(plan.releasing);
  const outgoing =
    active && active.label !== target.label && declared(active.label)
      ? [{ ...epochOf(active), ...issued(active.label), successorAdoptedOn: plan.today }]
      : [];
  // A consumer may have come to hold a skipped secret in a run that was killed, and people read the vault.
  const skipped = plan.skipped.map((label) => ({
    ...issued(label),
    successorAdoptedOn: plan.today,
  }));
  const retires = [...outgoing, ...skipped];
  return {
    settled: true,
    notes: releaseNotes(plan, consumers),
    // A refresh in this very run may have found the secret gone, and the engine issued another: the plan could not know.
    reason:
      plan.adopted && same
        ? plan.reason
        : adoptedReason(
            plan,
            retires.map((epoch) => epoch.label),
          ),
    history: {
      version: 1,
      active: { ...target, adoptedOn, attempt: plan.attempt },
      retiring: [...kept.filter((epoch) => !releasing.has(epoch.label)), ...retires],
      skipped: [],
      released: plan.releasing.map(issued),
    },
  };
}

function epochOf({ start, generation }: { start: string; generation: number }): {
  start: string;
  generation: number;
} {
  return { start, generation };
}

/** What nobody can ask again before a secret is released: what people said stands. */
function releaseNotes(plan: Plan, consumers: readonly ConsumerResult[]): string[] {
  const manual = consumers.filter(({ kind }) => kind !== "automatic").map(({ name }) => name);
  if (plan.releasing.length === 0 || manual.length === 0) return [];
  return [
    `${plan.name}: ${plan.releasing.join(", ")} is released, and the next run removes it. Every host was asked again; of ` +
      `${manual.join(", ")} what was confirmed or seen of ${plan.target.label} stands. If one was put back to a former ` +
      "secret since, take its confirmation out of the config or put the secret in again before the next run.",
  ];
}

function adoptedReason(plan: Plan, outgoing: readonly string[]): string {
  const retires = outgoing.map((label) => `; the overlap of ${label} begins`).join("");
  return `${plan.name}: ${plan.target.label} is adopted, next rotation ${plan.nextRotation}${retires}`;
}

function waitingReason(plan: Plan, waiting: readonly ConsumerResult[], since: string): string {
  const tries = Number.parseInt(plan.attempt, 10);
  const machines = waiting
    .filter(({ kind }) => kind === "automatic")
    .map(({ name, outcome }) => `${name} (${spaced(outcome)})`);
  const manual = waiting.filter(({ kind }) => kind !== "automatic").map(({ name }) => name);
  const parts = [
    ...(machines.length > 0 ? [`waits for ${machines.join(", ")}, attempt ${tries}`] : []),
    ...(manual.length > 0 ? [`waiting for ${manual.join(", ")} since ${since}`] : []),
  ];
  const stays = plan.releasing.map((label) => `; ${label} is not released`).join("");
  return `${plan.name}: ${plan.target.label} is issued and ${parts.join("; ") || "has no consumer"}${validity(plan)}${stays}`;
}

function validity({ history, target, today }: Plan): string {
  const active = history?.active;
  if (active === undefined || active.label === target.label) return "";
  const ended = active.endDate.slice(0, today.length) <= today;
  return `; ${active.label} ${ended ? "ended" : "stays valid until"} ${active.endDate.slice(0, today.length)}`;
}

/** The contract's word as prose: `notNow` is "not now". */
function spaced(outcome: string): string {
  return outcome.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
