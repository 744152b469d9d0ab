// Errors of ours are sentences for an operator: shown as they are, without a stack trace. Anything else is a defect
// and keeps its trace.
import { RunError } from "@pulumi/pulumi";
import { harmlessLines } from "./foreign-text";

/** Waits for the program and turns its own error sentences into the engine's plain ones. */
export async function asRunError<T>(program: Promise<T>): Promise<T> {
  try {
    return await program;
  } catch (error) {
    if (error instanceof Error && error.constructor === Error)
      throw new RunError(harmlessLines(error.message));
    throw error;
  }
}
