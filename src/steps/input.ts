// How a step reads what the engine gives it on standard input.
import type { z } from "zod";

/**
 * Reads JSON that must fit a schema.
 * @param what the beginning of a sentence: "The proof's input"
 * @throws Error that quotes nothing of it, since it may hold a secret
 */
export function readInput<T>(what: string, schema: z.ZodType<T>, given: string): T {
  let json: unknown;
  try {
    json = JSON.parse(given);
  } catch {
    throw new Error(`${what} must be JSON. Report this defect.`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`${what} must fit its schema (${faults.join("; ")}). Report this defect.`);
}
