// One HTTP call, tried again as the Azure SDK is set to in the vendor's plugin: after 20, 60 and 120 seconds.
// The lab shortens every wait by one factor, KEYTURN_LAB_PACE.
import { setTimeout as delay } from "node:timers/promises";

import { request, type HttpRequest, type HttpResponse } from "../../../shared/https";
import { ProviderError } from "../../provider/errors";

const RETRIED: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const RETRIES = 3;
const RETRY_DELAY_SECONDS = 20;
const LONGEST_DELAY_SECONDS = 120;
const DEFAULT_PACE = 0.05;

/** Lab seconds of waiting to real milliseconds. */
export function paced(seconds: number): number {
  const given = Number(process.env["KEYTURN_LAB_PACE"] ?? DEFAULT_PACE);
  return seconds * 1000 * (Number.isFinite(given) && given >= 0 ? given : DEFAULT_PACE);
}

export async function send(call: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await once(call, signal);
    const again = outcome instanceof Error || isRetried(outcome);
    if (!again || attempt > RETRIES) {
      if (!(outcome instanceof Error)) return outcome;
      throw new ProviderError(`${call.method} ${withoutQuery(call.url)}: ${outcome.message}`);
    }
    await pause(
      outcome instanceof Error ? undefined : retryAfterSeconds(outcome),
      (2 ** attempt - 1) * RETRY_DELAY_SECONDS,
      signal,
    );
  }
}

/** Waits as an answer asks, or as long as usual. */
export async function pause(
  asked: number | undefined,
  usual: number,
  signal: AbortSignal,
): Promise<void> {
  const seconds = asked ?? Math.min(usual, LONGEST_DELAY_SECONDS);
  await delay(paced(seconds), undefined, { signal }).catch(() => {
    throw new ProviderError("context canceled");
  });
}

export function retryAfterSeconds(response: HttpResponse): number | undefined {
  const value = response.headers["retry-after"];
  const seconds = Number(value ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : undefined;
}

async function once(call: HttpRequest, signal: AbortSignal): Promise<HttpResponse | Error> {
  requireRunning(signal);
  try {
    return await request({ ...call, signal });
  } catch (error) {
    requireRunning(signal);
    return error instanceof Error ? error : new Error(String(error));
  }
}

function requireRunning(signal: AbortSignal): void {
  if (signal.aborted) throw new ProviderError("context canceled");
}

function isRetried(response: HttpResponse): boolean {
  if (RETRIED.has(response.status)) return true;
  return response.status === 409 && response.text.includes('"AnotherOperationInProgress"');
}

function withoutQuery(url: string): string {
  return url.split("?")[0] ?? url;
}
