// The token endpoint's error document: text, codes, trace id, correlation id and timestamp as Entra writes them.
import { randomUUID } from "node:crypto";

export interface SignInErrorArgs {
  /** The number in AADSTSnnn. */
  readonly errorCode: number;
  /** OAuth error: invalid_client, unauthorized_client, invalid_request ... */
  readonly error: string;
  /** The text after "AADSTSnnn: ". */
  readonly message: string;
  readonly traceId: string;
  readonly correlationId?: string;
  readonly now: Date;
}

export interface SignInErrorBody {
  readonly error: string;
  readonly error_description: string;
  readonly error_codes: readonly number[];
  readonly timestamp: string;
  readonly trace_id: string;
  readonly correlation_id: string;
  readonly error_uri: string;
}

export function signInError(args: SignInErrorArgs): SignInErrorBody {
  const { errorCode, error, message, traceId, correlationId = randomUUID(), now } = args;
  const timestamp = `${now.toISOString().slice(0, 19).replace("T", " ")}Z`;
  return {
    error,
    error_description: `AADSTS${errorCode}: ${message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [errorCode],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${errorCode}`,
  };
}
