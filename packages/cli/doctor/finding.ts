// What a check of the doctor's comes to: one line, with the remedy where something is to be done.

/** `not known`: the check could not be made; why, and what would let it be made, stand beside it. */
export type Level = "ok" | "warning" | "fails" | "not known";

export interface Finding {
  /** What was looked at: `SSH to sesar`. */
  readonly check: string;
  readonly level: Level;
  /** What was found, one clause or more, with its full stop. */
  readonly says: string;
  /** What to do; empty when nothing is. */
  readonly remedy: string;
}

export const ok = (check: string, says: string): Finding => ({
  check,
  level: "ok",
  says,
  remedy: "",
});
export const warning = (check: string, says: string, remedy: string): Finding => ({
  check,
  level: "warning",
  says,
  remedy,
});
export const fails = (check: string, says: string, remedy: string): Finding => ({
  check,
  level: "fails",
  says,
  remedy,
});
export const notKnown = (check: string, why: string, remedy: string): Finding => ({
  check,
  level: "not known",
  says: why,
  remedy,
});

/** Whether something stands in the way of a rotation. */
export function isFailing(findings: readonly Finding[]): boolean {
  return findings.some(({ level }) => level === "fails");
}
