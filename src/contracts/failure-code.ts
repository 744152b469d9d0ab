// The code by which a failure of ours is known wherever the engine prints it, whatever its words are.

/** What of ours can fail, each in one word. */
export const FAILURE_CODES = ["signIn", "sshCheck", "oneTimeLink", "overdue"] as const;

export type FailureCode = (typeof FAILURE_CODES)[number];

/** How a line of ours begins: a step's and the program's with a code, the update script's without one. */
const OURS = /^keyturn(?:\[(\w+)\])?: /;
const CODE = /\bkeyturn\[(\w+)\]: /g;

/** A sentence with its code before it; each of its lines is ours. */
export function coded(code: FailureCode, sentence: string): string {
  return sentence
    .split("\n")
    .map((line) => `keyturn[${code}]: ${line}`)
    .join("\n");
}

/** Whether a line is ours. */
export function isOurs(line: string): boolean {
  return OURS.test(line);
}

/** Every code in what was printed. */
export function codesIn(printed: string): ReadonlySet<string> {
  return new Set(Array.from(printed.matchAll(CODE), ([, code = ""]) => code));
}
