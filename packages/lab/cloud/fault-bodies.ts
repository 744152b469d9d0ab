// The body of an injected fault, in the shape of the product whose server it hits.
import { signInError } from "./entra-errors";
import type { FaultRule, ServerName } from "./faults";

export function faultBody(
  name: ServerName,
  rule: FaultRule,
  requestId: string,
  now: Date,
): unknown {
  const message = rule.message ?? "The lab was told to fail this request.";
  switch (name) {
    case "login": {
      const errorCode = Number(/\d+/.exec(rule.code)?.[0] ?? 0);
      const error = rule.status >= 500 ? "temporarily_unavailable" : "invalid_request";
      return signInError({ errorCode, error, message, traceId: requestId, now });
    }
    case "graph":
      return {
        error: {
          code: rule.code,
          message,
          innerError: {
            date: now.toISOString().slice(0, 19),
            "request-id": requestId,
            "client-request-id": requestId,
          },
        },
      };
    case "arm":
    case "vault":
    case "snappass":
    case "jobs":
      return { error: { code: rule.code, message } };
  }
}
