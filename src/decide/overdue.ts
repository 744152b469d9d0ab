// Whether a hand-over has taken too long: the overlap has passed since the secret was issued. For people the run then fails,
// so that somebody looks: nothing is recorded. For a machine it succeeds and says so, since only a recorded run has the
// next one ask the host again. Nothing is removed.
import type { ManualOutcome } from "./outcome";
import type { Plan } from "./run-plan";
import type { ConsumerResult } from "./outcome";

/**
 * The sentence of an overdue hand-over: who still holds what, since when, until when, and what to do. A link that this
 * very run made lets it pass, since only a run that succeeds can hand the link out.
 */
export function overdueSentence(
  plan: Plan,
  keyIds: Readonly<Record<string, string>>,
  manual: readonly ManualOutcome[],
): string | undefined {
  const { name, target } = plan;
  const waiting = overdueWait(plan, keyIds[target.label]);
  if (waiting === undefined) return undefined;
  const late = manual.filter(({ outcome, fresh }) => outcome === "waiting" && fresh !== true);
  if (late.length === 0) return undefined;
  const who = late.map((consumer) => consumer.name);
  const [first = ""] = who;
  const many = who.length > 1;
  return (
    `${name}: ${list(who)} must confirm the secret of ${target.label} before ${waiting.until}, but ${many ? "have" : "has"} not: ` +
    `waiting for ${list(who)} since ${waiting.since}. ${holds(plan, many)} ` +
    `Nothing was removed. Follow the instruction (pulumi stack output consumers), then say so: ` +
    `${who.map((one) => `keyturn confirm ${one}`).join(", ")}. Another one-time link: keyturn link ${first} --again.`
  );
}

/** By this a note about late machines is known. */
export const LATE_MACHINES = "must come to hold the secret of";

/** What an operator is to know of machines that were asked in vain for longer than the overlap; undefined when none was. */
export function lateMachines(
  plan: Plan,
  keyId: string | undefined,
  consumers: readonly ConsumerResult[],
): string | undefined {
  const { name, target } = plan;
  const wait = overdueWait(plan, keyId);
  const who = consumers
    .filter(({ kind, adopted }) => kind === "automatic" && !adopted)
    .map((one) => one.name);
  if (wait === undefined || who.length === 0) return undefined;
  const many = who.length > 1;
  return (
    `${name}: ${list(who)} ${LATE_MACHINES} ${target.label} before ${wait.until}, but ${many ? "have" : "has"} not, ` +
    `asked since ${wait.since}. ${holds(plan, many)} Nothing was removed, and every run asks again. Look why no moment is ` +
    "safe in the consumer's reason (pulumi stack output consumers) and the service's trace, or raise patienceSeconds."
  );
}

/** The wait for the target, once it is overdue. Removed in the portal and issued again: it begins anew. */
function overdueWait(
  { today, waiting, history }: Plan,
  keyId: string | undefined,
): Plan["waiting"] {
  const same = history?.inFlight?.keyId === keyId;
  return waiting !== undefined && today >= waiting.until && same ? waiting : undefined;
}

function holds({ history, target, today }: Plan, many: boolean): string {
  const active = history?.active;
  const they = many ? "They" : "It";
  if (active === undefined || active.label === target.label) {
    return `What ${they.toLowerCase()} ${many ? "hold" : "holds"} now is not known to this stack.`;
  }
  const end = active.endDate.slice(0, today.length);
  const valid = end <= today ? `ended on ${end}` : `is valid until ${end}`;
  return `${they} still ${many ? "hold" : "holds"} ${active.label} (key id ${active.keyId}), which ${valid}.`;
}

function list(names: readonly string[]): string {
  return names.join(", ").replace(/, ([^,]*)$/, " and $1");
}
