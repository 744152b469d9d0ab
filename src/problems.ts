// The house error sentence: subject, rule, value given, remedy; and all problems of one input at once.
// A problem never carries a secret: whoever makes one leaves `given` out.

/** One thing that is wrong with an input. */
export interface Problem {
  /** What is wrong, by the name the operator can search for: `rotation.overlap`. */
  readonly subject: string;
  /** What it must be: `must be PT0S to P90D`. */
  readonly rule: string;
  /** The value that was given, if it may be shown. */
  readonly given?: string;
  /** What to do. */
  readonly remedy: string;
}

/** Says one problem: `overlap must be PT0S to P90D, got P120D. Lower it in Pulumi.<stack>.yaml.` */
export function sentence(problem: Problem): string {
  const given = problem.given === undefined ? "" : `, got ${problem.given}`;
  return `${problem.subject} ${problem.rule}${given}. ${problem.remedy}`;
}

/** Says all problems, one a line, under a heading that counts them. */
export function allProblems(heading: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return [`${heading}: ${count}.`, ...problems.map((p) => `- ${sentence(p)}`)].join("\n");
}
