// The reason of a plan in words. A run with nothing to do says why: "sesar: 41 days until rotation".
import type { Plan } from "./run-plan";

/** Says what the plan does, and why. */
export function planReason(plan: Omit<Plan, "reason">): string {
  const { name, target, history, withheld = [] } = plan;
  const goes = (label: string): boolean => withheld.every((one) => one.label !== label);
  const tail = [
    ...plan.retiring
      .filter(({ label }) => goes(label))
      .map(({ label, until }) => `${label} retires until ${until}`),
    ...plan.releasing.filter(goes).map((label) => `${label} is released`),
    ...plan.released.map((label) => `${label} is removed`),
    ...plan.skipped.map(
      (label) => `${label} was never adopted and retires once its successor is adopted`,
    ),
    ...withheld.map(({ label, why }) => `${label} is not let go: ${why}`),
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
  const manual = forPeople ? `, waiting for people since ${plan.waiting.since}` : "";
  const attempt = (tries > 1 ? `, attempt ${tries}` : "") + manual;
  if (active === target) return `${target} is not held by every consumer${attempt}`;
  return `rotates from ${active} to ${target}${attempt}, ${next}`;
}

function days(left: number): string {
  return left === 1 ? "1 day until rotation" : `${left} days until rotation`;
}

/** What a run says at its start: what it will do, or why it does nothing. */
export function announcement({ adopted, reason }: Pick<Plan, "adopted" | "reason">): string {
  return adopted ? `not rotated: ${reason}` : reason;
}
