// What must hold in any world, by name, and how often each was looked at.
import assert from "node:assert/strict";

export const INVARIANTS = [
  "every consumer holds a secret that Entra accepts",
  "the target has not ended, so that nothing depends on a secret after its end",
  "no secret is issued expired",
  "only the target is issued",
  "an epoch has one secret, and another only after that was removed in the portal",
  "a label is declared once, and a secret is never replaced",
  "the engine is never asked to delete a protected secret",
  "a secret is left out only after it was released",
  "a secret that never was adopted is skipped, and retires when a successor is adopted",
  "a secret that never was adopted lives at least the overlap after its successor's adoption",
  "every host is asked on the day on which a secret is released or removed",
  "a secret is removed only when every host holds the active one",
  "a secret is removed only when no consumer holds it, whatever was put back or added",
  "a secret is released only when its successor is adopted and its overlap is over",
  "a retiring secret lives at least the overlap after the proven adoption",
  "an overlap that is over ends with the next adopted run; at once when the glass is broken",
  "rotate now: a raised generation is the target's, unless its label was used before",
  "a change of every, or of the clock, never goes back to an earlier epoch",
  "the same input gives the same plan, all day long",
  "a run that only waits for people asks no machine again",
  "people who take too long turn the run red, and nothing is recorded then",
  "nothing is adopted before the last consumer holds it",
  "a secret is never removed while it is in use, as far as the log let any run know",
  "nobody is adopted by somebody else's sign-in",
  "a run that waits or is refused says the way forward",
  "what the log holds back stays protected, and a way forward is said",
  "a former secret that nobody uses any more is let go",
  "good runs end with one adopted secret, and a run with nothing to do changes nothing",
] as const;

export type Invariant = (typeof INVARIANTS)[number];

/** How often each invariant was looked at. */
export const looks = new Map<Invariant, number>(INVARIANTS.map((name) => [name, 0]));

/** Looks at an invariant. @throws AssertionError with its name when it does not hold */
export function holds(name: Invariant, condition: unknown, detail = ""): asserts condition {
  looks.set(name, (looks.get(name) ?? 0) + 1);
  assert.ok(condition, detail === "" ? name : `${name}: ${detail}`);
}
