// The reason of a plan in words. A run with nothing to do says why: "sesar: 41 days until rotation".
import type { Plan } from "./plan";

/** Says what the plan does, and why. */
export function planReason(plan: Omit<Plan, "reason">): string {
  const { name, target, history } = plan;
  const tail = [
    ...plan.retiring.map(({ label, until }) => `${label} retires until ${until}`),
    ...plan.releasing.map((label) => `${label} is released`),
    ...plan.released.map((label) => `${label} is removed`),
    ...plan.skipped.map((label) => `${label} was never adopted and goes with its successor`),
  ].map((text) => `; ${text}`);
  return `${name}: ${head(plan, target.label, history?.active?.label)}${tail.join("")}`;
}

function head(plan: Omit<Plan, "reason">, target: string, active: string | undefined): string {
  if (plan.adopted) return days(plan.daysLeft);
  const next = `next rotation ${plan.nextRotation}`;
  if (active === undefined) return `the first secret is ${target}, ${next}`;
  if (plan.reissues) return `${target} is gone from Entra and is issued again, ${next}`;
  const tries = Number.parseInt(plan.attempt, 10);
  const forPeople = plan.waiting !== undefined && plan.history?.inFlight?.again === false;
  const people = forPeople ? `, waiting for people since ${plan.waiting.since}` : "";
  const attempt = (tries > 1 ? `, attempt ${tries}` : "") + people;
  if (active === target) return `${target} is not held by every consumer${attempt}`;
  return `rotates from ${active} to ${target}${attempt}, ${next}`;
}

function days(left: number): string {
  return left === 1 ? "1 day until rotation" : `${left} days until rotation`;
}
