// Whether people have taken too long: the overlap has passed since the secret was issued, and they have not confirmed
// it. The run then fails, so that somebody looks; nothing is recorded and nothing is removed.
import type { ManualOutcome } from "./manual";
import type { Plan } from "./plan";

/**
 * The sentence of an overdue hand-over: who still holds what, since when, until when, and what to do. A link that this
 * very run made lets it pass, since only a run that succeeds can hand the link out.
 */
export function overdueSentence(
  plan: Plan,
  keyIds: Readonly<Record<string, string>>,
  manual: readonly ManualOutcome[],
): string | undefined {
  const { name, target, today, waiting, history } = plan;
  if (waiting === undefined || today < waiting.until) return undefined;
  // Removed in the portal and issued again: the wait begins anew.
  if (history?.inFlight?.keyId !== keyIds[target.label]) return undefined;
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
