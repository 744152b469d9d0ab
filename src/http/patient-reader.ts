// Asks over HTTPS with a deadline: waits as long as the server asks, within bounds, while it is throttled, busy or
// silent. What the answers mean is for whoever asks.
import { z } from "zod";
import { harmless } from "../foreign-text";
import type { Answer, Question } from "./request";
import { ask } from "./request";
import type { Pace } from "./pace";
import { insist } from "./pace";
import { rememberTime } from "./said-times";

/** The status of an answer that did not come; its body says why. */
export const NO_ANSWER = 0;
const REQUEST_SECONDS = 20;
const MOST_CODE_CHARACTERS = 200;
const microsoftError = z.object({ error: z.object({ code: z.string() }) });

/** The first answer that another try would not change, or the last one in time. @param until on the pace's clock */
export function askPatiently(
  question: Omit<Question, "timeoutMilliseconds">,
  pace: Pace,
  until: number,
): Promise<Answer> {
  const once = async (): Promise<Answer> => {
    const left = Math.max(1, until - pace.elapsed());
    const timeoutMilliseconds = Math.min(REQUEST_SECONDS, left) * 1000;
    try {
      return await ask({ ...question, timeoutMilliseconds });
    } catch (error) {
      return { status: NO_ANSWER, body: reasonOf(error) };
    }
  };
  return insist(pace, once, ({ status, retryAfterSeconds }) =>
    isPassing(status) ? { until, retryAfterSeconds } : undefined,
  );
}

/** Whether an answer with this status may be another one soon. */
function isPassing(status: number): boolean {
  return status === NO_ANSWER || status === 429 || status >= 500;
}

export class PatientReader {
  /** @param seconds for all of its reads together */
  constructor(
    private readonly seconds: number,
    private readonly pace: Pace,
  ) {}

  /** The first answer that another try would not change, or the last one in time. */
  async get(url: string, authorization: string): Promise<Answer> {
    const question = { method: "GET", url, headers: { authorization } } as const;
    const answer = await askPatiently(question, this.pace, this.seconds);
    rememberTime(url, answer);
    return answer;
  }
}

/** An answer's body against its schema; where it does not fit, what is wrong with it. */
export function fits<T>(
  schema: z.ZodType<T>,
  value: unknown,
):
  | { readonly data: T; readonly faults?: undefined }
  | { readonly data?: undefined; readonly faults: string } {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { data: parsed.data };
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  return { faults: faults.join("; ") };
}

/** The code of Microsoft's error body; empty when there is none. */
export function errorCode(body: unknown): string {
  const parsed = microsoftError.safeParse(body);
  return parsed.success ? harmless(parsed.data.error.code, MOST_CODE_CHARACTERS) : "";
}

/** Why something could not be read, as a clause. */
export function reasonOf(error: unknown): string {
  return harmless(error instanceof Error ? error.message : String(error)) || "no answer";
}
