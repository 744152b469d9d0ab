// Signs in N times in a row with a new secret, each time afresh, and tells "not yet" from "never".
import { z } from "zod";
import type { ProofInput } from "../components/pure/proof";
import {
  SIGN_IN_CODES,
  isSecretId,
  proofRequestId,
  signInCode,
  verdictOf,
} from "../components/pure/proof";
import type { Endpoints } from "./endpoints";
import type { Answer } from "./http";
import { ask } from "./http";
import type { Pace } from "./waiting";
import { backOff } from "./waiting";

/** How long a new application may take to be seen by the token endpoint. */
const SETTLING_SECONDS = 120;
const REQUEST_MILLISECONDS = 20_000;
const token = z.object({ access_token: z.string().min(1) });

/** N sign-ins in a row succeeded. */
export interface SignedIn {
  readonly accessToken: string;
  readonly waitedSeconds: number;
}

/** Proves the secret at the token endpoint. @throws Error that says why it will not do, or did not in time */
export async function signInRepeatedly(
  input: ProofInput,
  endpoints: Endpoints,
  pace: Pace,
): Promise<SignedIn> {
  const subject = `${input.name}: the secret of epoch ${input.epoch} (key id ${input.keyId})`;
  if (isSecretId(input.secret)) {
    throw new Error(
      `${subject} must be the secret's Value, got a GUID, which is its Secret ID. Copy the Value; Entra shows it once.`,
    );
  }
  let inARow = 0;
  let firstOfRow = 0;
  for (let tries = 1; ;) {
    const result = await signIn(input, endpoints);
    if (result.accessToken !== undefined) {
      if (inARow === 0) firstOfRow = pace.elapsed();
      inARow += 1;
      if (inARow === input.signIns) {
        return { accessToken: result.accessToken, waitedSeconds: Math.round(firstOfRow) };
      }
      continue;
    }
    inARow = 0;
    const bound =
      result.verdict === "settling"
        ? Math.min(SETTLING_SECONDS, input.boundSeconds)
        : input.boundSeconds;
    const wait = backOff(tries, result.retryAfterSeconds);
    if (result.verdict === "never" || pace.elapsed() + wait > bound) {
      const waited =
        result.verdict === "never" ? "" : ` after ${Math.round(pace.elapsed())} seconds`;
      throw new Error(`${subject} must sign in, but ${result.reason}${waited}. ${result.remedy}`);
    }
    tries += 1;
    await pace.pause(wait);
  }
}

/** One sign-in, for a token that is asked afresh. */
export async function signIn(input: ProofInput, endpoints: Endpoints): Promise<Attempt> {
  const url = `${endpoints.login}/${input.tenantId}/oauth2/v2.0/token`;
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: input.clientId,
    client_secret: input.secret,
    scope: `${endpoints.graph}/.default`,
  }).toString();
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "client-request-id": proofRequestId(input.keyId),
  };
  let answer: Answer;
  try {
    answer = await ask({
      method: "POST",
      url,
      headers,
      body,
      timeoutMilliseconds: REQUEST_MILLISECONDS,
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : "no answer";
    const remedy = "Check the network, the proxy and the certificates.";
    return { verdict: "again", reason: `${endpoints.login} does not answer (${why})`, remedy };
  }
  const parsed = token.safeParse(answer.body);
  if (answer.status === 200 && parsed.success) return { accessToken: parsed.data.access_token };
  const code = signInCode(answer.body);
  const known = code === undefined ? undefined : SIGN_IN_CODES[code];
  const name = code === undefined ? `status ${answer.status}` : `AADSTS${code}`;
  return {
    verdict: verdictOf(answer.status, code),
    reason: `${known?.meaning ?? "Entra refuses it"} (${name})`,
    remedy: known?.remedy ?? "Look the code up in Microsoft's list of AADSTS error codes.",
    retryAfterSeconds: answer.retryAfterSeconds,
  };
}

interface Attempt {
  readonly accessToken?: string | undefined;
  readonly verdict?: "notYet" | "settling" | "again" | "never";
  readonly reason?: string;
  readonly remedy?: string;
  readonly retryAfterSeconds?: number | undefined;
}
