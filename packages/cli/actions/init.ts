// keyturn init: from answers to a stack's file, and what the first run will do. Reads Entra, Azure and the host for defaults;
// writes that file and nothing else.
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { createInterface } from "node:readline/promises";
import { dayOf, dayText } from "../../../src/decide/schedule";
import { harmless } from "../../../src/foreign-text";
import { type AnswerProblem, type Asker, askAll } from "../init/ask";
import { finder } from "../init/find";
import { firstRun } from "../init/first-run";
import { type AnswerName, ANSWERS, type Answers, OF_CONSUMER } from "../init/questions";
import { answersIn, withAnswers } from "../init/stack-file";
import { writeWhole } from "../project/change-config";
import { type StackOptions, findProject } from "../project/project";
import { UsageError } from "../usage-error";

export interface InitOptions extends StackOptions, Answers {
  readonly yes?: boolean;
}

/** @returns what to tell the person. @throws UsageError with all that is wrong; nothing is written then */
export async function init(options: InitOptions): Promise<string> {
  const { name: namespace, stackName, configPath } = await findProject(options);
  const text = existsSync(configPath) ? readFileSync(configPath, "utf8") : "";
  const said = answersIn(text, namespace);
  const isThere = process.stdin.isTTY && process.stderr.isTTY;
  if (options.yes !== true && !isThere) {
    throw new UsageError(
      "There is no terminal to ask on. Give --yes, with the options that have no default.",
    );
  }
  const today = dayText(dayOf(new Date()));
  const flags = flagsOf(options);
  const otherwise = ANSWERS.filter((name) => differs(flags[name], said.answers[name]));
  if (otherwise.length > 0) {
    throw new UsageError(
      `${basename(configPath)} says otherwise already of ${otherwise.map(flagText).join(", ")}. Nothing was written. Change it there, or leave these options out.`,
    );
  }
  const given = { ...flags, ...said.answers };
  const names = ANSWERS.filter((name) => !said.consumers || !OF_CONSUMER.includes(name));
  const find = finder(process.env);
  const known = { firstOfMonth: `${today.slice(0, "2026-05".length)}-01` };
  const asked = await withAsker(options.yes !== true, (ask) =>
    askAll(given, known, find, ask, (line) => process.stderr.write(`${harmless(line)}\n`), names),
  );
  if (asked.problems !== undefined) throw new UsageError(problemsText(asked.problems));
  const { answers } = asked;
  const file = withAnswers(text, namespace, answers);
  if (file.added.length > 0) writeWhole(configPath, file.text);
  return endText({ file: basename(configPath), stackName, added: file.added }, answers, today);
}

function endText(
  { file, stackName, added }: { file: string; stackName: string; added: readonly string[] },
  answers: Answers,
  today: string,
): string {
  const { consumer, host } = answers;
  const written =
    added.length === 0
      ? `${file} says all of it already; nothing was written.`
      : `${file}: ${added.join(", ")} written. Read it, and commit it.`;
  if (consumer === undefined) return written;
  return [
    written,
    "",
    "The first run",
    ...firstRun(answers, today).map((line) => `  ${line}`),
    "",
    "Before it",
    `  pulumi stack init ${stackName}   (unless there is that stack; docs/backend.md says where its secrets' key belongs)`,
    ...(host === undefined
      ? []
      : [
          `  keyturn set-secrets ${consumer} --stack ${stackName} --private-key <file> --file <the product's unencrypted file>`,
        ]),
    `  keyturn doctor --stack ${stackName}`,
  ].join("\n");
}

function flagsOf(options: InitOptions): Answers {
  const given = ANSWERS.flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(given);
}

function differs(flag: string | undefined, said: string | undefined): boolean {
  return flag !== undefined && said !== undefined && flag !== said;
}

const flagText = (name: AnswerName): string =>
  `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

function problemsText(problems: readonly AnswerProblem[]): string {
  return [
    "Nothing was written:",
    ...problems.map(({ name, text }) => `  ${flagText(name)} ${text}.`),
  ].join("\n");
}

/** A person at the terminal; questions go to standard error, so that standard output holds the result. */
async function withAsker<T>(
  isThere: boolean,
  work: (ask: Asker | undefined) => Promise<T>,
): Promise<T> {
  if (!isThere) return work(undefined);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await work((question, fallback) =>
      terminal.question(`${question}${fallback === undefined ? "" : ` [${fallback}]`}: `),
    );
  } finally {
    terminal.close();
  }
}
