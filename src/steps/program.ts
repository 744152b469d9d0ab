// The frame of every step: input on standard input, result on standard output, exit code 1 with one sentence on standard
// error; and an end in any case, since the engine waits for a local command without a bound.
import { text } from "node:stream/consumers";
import { type FailureCode, coded } from "../contracts/failure-code";
import { harmlessLines } from "../foreign-text";
import { whenLate } from "../http/pace";

export interface StepProgram<T> {
  /** @throws Error that quotes nothing of the text, since it holds a secret */
  readonly parse: (given: string) => T;
  /** When the step has to be over, and the sentence when it is not. */
  readonly deadline: (input: T) => { readonly seconds: number; readonly late: string };
  /** @returns the text for standard output. @throws Error with one sentence for the operator, never with a secret */
  readonly act: (input: T) => Promise<string>;
  /** What is said when something else than an Error is thrown. */
  readonly otherwise: string;
  /** By this the failure is known, whatever its sentence is. */
  readonly code: FailureCode;
}

/** Runs a step as a program. */
export async function runStep<T>(step: StepProgram<T>): Promise<void> {
  const fail = (message: string): void => {
    process.stderr.write(`${coded(step.code, harmlessLines(message))}\n`);
    process.exit(1);
  };
  try {
    const input = step.parse(await text(process.stdin));
    const { seconds, late } = step.deadline(input);
    whenLate(seconds, () => fail(late));
    // A connection that is still open must not keep the step alive.
    process.stdout.write(await step.act(input), () => process.exit(0));
  } catch (error) {
    fail(error instanceof Error ? error.message : step.otherwise);
  }
}
