// Signs in N times in a row with a new secret, each time afresh and spread over time, and tells "not yet" from "never".
import { z } from "zod";
import type { ProofInput } from "../contracts/prove";
import {
  SIGN_IN_CODES,
  isSecretId,
  proofRequestId,
  signInCode,
  verdictOf,
} from "../contracts/prove";
import type { Endpoints } from "../http/endpoints";
import type { Answer } from "../http/request";
import { ask } from "../http/request";
import type { Pace } from "../http/pace";
import { insist } from "../http/pace";

/** How long a new application may take to be seen by the token endpoint. */
const SETTLING_SECONDS = 120;
const REQUEST_MILLISECONDS = 20_000;
const token = z.object({ access_token: z.string().min(1) });

/** N sign-ins in a row succeeded. */
export interface SignedIn {
  readonly accessToken: string;
  readonly waitedSeconds: number;
}

/** When the token endpoint was asked, from the first to the last time, by its own clock. */
export class SignInSpan {
  #from: Date | undefined;
  #until: Date | undefined;

  /** An answer came. @param said the server's own time; undefined where it told none */
  hear(said: Date | undefined): void {
    if (said === undefined) return;
    this.#from ??= said;
    this.#until = said;
  }

  /** As the proof's report has it. */
  told(): { readonly span?: { readonly from: string; readonly until: string } } {
    if (this.#from === undefined || this.#until === undefined) return {};
    return { span: { from: this.#from.toISOString(), until: this.#until.toISOString() } };
  }
}

/** Proves the secret at the token endpoint. @throws Error that says why it will not do, or did not in time */
export async function signInRepeatedly(
  input: ProofInput,
  endpoints: Endpoints,
  pace: Pace,
  span: SignInSpan,
): Promise<SignedIn> {
  const subject = `${input.name}: the secret of epoch ${input.epoch} (key id ${input.keyId})`;
  if (isSecretId(input.secret)) {
    throw new Error(
      `${subject} must be the secret's Value, got a GUID, which is its Secret ID. Copy the Value; Entra shows it once.`,
    );
  }
  const between = input.signIns > 1 ? input.spreadSeconds / (input.signIns - 1) : 0;
  let firstOfRow = 0;
  let accepted = 0;
  // Replicas disagree for minutes: a refusal after a success is a relapse, and the row begins anew.
  const row = async (): Promise<Attempt> => {
    let last = await signIn(input, endpoints, span);
    firstOfRow = pace.elapsed();
    for (let inARow = 1; inARow < input.signIns && last.accessToken !== undefined; inARow += 1) {
      accepted += 1;
      if (between > 0) await pace.pause(between);
      last = await signIn(input, endpoints, span);
    }
    return last;
  };
  const settling = Math.min(SETTLING_SECONDS, input.boundSeconds);
  const end = await insist(pace, row, ({ accessToken, verdict, retryAfterSeconds }) => {
    if (accessToken !== undefined || verdict === "never") return undefined;
    const isSettling = verdict === "settling" && accepted === 0;
    return { until: isSettling ? settling : input.boundSeconds, retryAfterSeconds };
  });
  const { accessToken, verdict, reason, remedy } = end;
  if (accessToken !== undefined) return { accessToken, waitedSeconds: Math.round(firstOfRow) };
  const relapsed = accepted > 0 ? ", although it was accepted before that" : "";
  const waited =
    verdict === "never" ? "" : ` after ${Math.round(pace.elapsed())} seconds${relapsed}`;
  throw new Error(`${subject} must sign in, but ${reason}${waited}. ${remedy}`);
}

/** One sign-in, for a token that is asked afresh. */
export async function signIn(
  input: ProofInput,
  endpoints: Endpoints,
  span: SignInSpan,
): Promise<Attempt> {
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
  span.hear(answer.date);
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
