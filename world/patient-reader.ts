// Reads over HTTPS with a deadline for all reads together: waits as long as the server asks while it is throttled or busy.
// It only reads. What the answers mean is for whoever asks.
import { z } from "zod";
import type { Answer } from "../steps/http";
import { ask } from "../steps/http";
import type { Pace } from "../steps/waiting";
import { backOff } from "../steps/waiting";

/** The status of an answer that did not come; its body says why. */
export const NO_ANSWER = 0;
const REQUEST_SECONDS = 20;
const microsoftError = z.object({ error: z.object({ code: z.string() }) });

export class PatientReader {
  /** @param seconds for all of its reads together */
  constructor(
    private readonly seconds: number,
    private readonly pace: Pace,
  ) {}

  /** The first answer that another try would not change, or the last one in time. */
  async get(url: string, authorization: string): Promise<Answer> {
    for (let tries = 1; ; tries += 1) {
      const answer = await this.once(url, authorization);
      const { status } = answer;
      const passing = status === NO_ANSWER || status === 429 || status >= 500;
      const wait = backOff(tries, answer.retryAfterSeconds);
      if (!passing || this.pace.elapsed() + wait > this.seconds) return answer;
      await this.pace.pause(wait);
    }
  }

  private async once(url: string, authorization: string): Promise<Answer> {
    const left = Math.max(1, this.seconds - this.pace.elapsed());
    const timeoutMilliseconds = Math.min(REQUEST_SECONDS, left) * 1000;
    try {
      return await ask({ method: "GET", url, headers: { authorization }, timeoutMilliseconds });
    } catch (error) {
      return { status: NO_ANSWER, body: reasonOf(error) };
    }
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
  return parsed.success ? parsed.data.error.code : "";
}

/** Why something could not be read, as a clause. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)) || "no answer";
}
