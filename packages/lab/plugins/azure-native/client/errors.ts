// Errors of Azure in the two forms of the vendor's plugin: short for ARM, the SDK's long one for vaults and sign-in.
import { STATUS_CODES } from "node:http";

import { z } from "zod";

import type { HttpResponse } from "../../../shared/https";
import { ProviderError } from "../../provider/errors";

const azureError = z.object({
  error: z.union([
    z.string(),
    z.object({ code: z.string().optional(), message: z.string().optional() }),
  ]),
});

/** An answer of Azure that is an error. */
export class AzureError extends ProviderError {
  constructor(
    text: string,
    readonly status: number,
    readonly errorCode: string,
  ) {
    super(text);
  }
}

/** `Status=403 Code="AuthorizationFailed" Message="..."` */
export function armError(response: HttpResponse): AzureError {
  const { code, message } = read(response);
  const text = code === "" ? "" : ` Code="${code}"`;
  return new AzureError(
    `Status=${response.status}${text} Message="${message}"`,
    response.status,
    code,
  );
}

const RULE = "-".repeat(80);

/** The Azure SDK's own text: request, status, code and the whole body. */
export function sdkError(method: string, url: string, response: HttpResponse): AzureError {
  const { code } = read(response);
  const status = `${response.status} ${STATUS_CODES[response.status] ?? ""}`;
  const { origin, pathname } = new URL(url);
  const lines = [
    `${method} ${origin}${pathname}`,
    RULE,
    `RESPONSE ${response.status}: ${status}`,
    code === "" ? "ERROR CODE UNAVAILABLE" : `ERROR CODE: ${code}`,
    RULE,
    bodyText(response),
    RULE,
    "",
  ];
  return new AzureError(lines.join("\n"), response.status, code);
}

/** The code and the message of an error; the message is the body when it has no other form. */
function read(response: HttpResponse): { readonly code: string; readonly message: string } {
  const header = response.headers["x-ms-error-code"];
  const named = typeof header === "string" ? header : undefined;
  const parsed = azureError.safeParse(response.json);
  if (!parsed.success) return { code: named ?? "", message: response.text };
  const { error } = parsed.data;
  if (typeof error === "string") return { code: named ?? error, message: response.text };
  return { code: named ?? error.code ?? "", message: error.message ?? response.text };
}

function bodyText(response: HttpResponse): string {
  if (response.text === "") return "Response contained no body";
  return response.json === undefined ? response.text : JSON.stringify(response.json, null, 2);
}
