// Goes through the questions: what is given, else what a person says, else the default.
import { type AnswerName, ANSWERS, type Answers, type Known, QUESTIONS } from "./questions";

/** Asks a person one question; an empty answer means the default. */
export type Asker = (question: string, fallback: string | undefined) => Promise<string>;

/** Finds out what a question needs, once its turn comes. */
export type Finder = (next: AnswerName, answers: Answers) => Promise<Partial<Known>>;

/** What went wrong with an answer that nobody can be asked for. */
export interface AnswerProblem {
  readonly name: AnswerName;
  readonly text: string;
}

/** The answers, or everything that is wrong with those that are given. */
export type Asked =
  | { readonly answers: Answers; readonly problems?: undefined }
  | { readonly problems: readonly AnswerProblem[] };

/**
 * @param given by flags or by the stack's file; not asked for
 * @param ask undefined: nobody is there to be asked, and defaults are taken
 * @param say prints a line
 * @param names what there is to ask, in order
 */
export async function askAll(
  given: Answers,
  known: Known,
  find: Finder,
  ask: Asker | undefined,
  say: (line: string) => void,
  names: readonly AnswerName[] = ANSWERS,
): Promise<Asked> {
  let answers: Answers = {};
  let facts = known;
  const problems: AnswerProblem[] = [];
  for (const name of names) {
    const question = QUESTIONS[name];
    if (question.when !== undefined && !question.when(answers)) continue;
    const fixed = given[name];
    if (fixed === undefined) facts = { ...facts, ...(await find(name, answers)) };
    const alone = question.compared === true ? undefined : question.default?.(facts, answers);
    const answer =
      fixed ?? (ask === undefined ? alone : await askUntilRight(name, facts, answers, ask, say));
    if (answer === undefined) {
      problems.push({ name, text: "must be given: nothing says what it is" });
      continue;
    }
    const problem = question.problem(answer);
    if (problem !== undefined) problems.push({ name, text: problem });
    answers = { ...answers, [name]: answer };
  }
  return problems.length > 0 ? { problems } : { answers };
}

async function askUntilRight(
  name: AnswerName,
  known: Known,
  answers: Answers,
  ask: Asker,
  say: (line: string) => void,
): Promise<string> {
  const { ask: words, hint, default: fallbackOf, problem } = QUESTIONS[name];
  const fallback = fallbackOf?.(known, answers);
  for (const line of hint?.(known, answers) ?? []) say(line);
  for (;;) {
    const said = (await ask(words, fallback)).trim();
    const answer = said === "" ? (fallback ?? "") : said;
    const wrong = problem(answer);
    if (wrong === undefined) return answer;
    say(`  It ${wrong}.`);
  }
}
