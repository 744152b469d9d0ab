// An answer of Graph that is not the one hoped for, in the words of the vendor's client.
import { STATUS_CODES } from "node:http";

import { z } from "zod";

import type { HttpResponse } from "../../shared/https";

const ODATA_ERROR = z.object({
  error: z.object({ code: z.string().optional(), message: z.string().optional() }),
});

export class GraphError extends Error {
  override readonly name = "GraphError";

  constructor(
    readonly status: number,
    /** Graph's own message, empty if it gave none. */
    readonly graphMessage: string,
    text: string,
  ) {
    super(text);
  }
}

export function graphError(response: HttpResponse): GraphError {
  const status = `unexpected status ${response.status} (${response.status} ${STATUS_CODES[response.status] ?? ""})`;
  const message = graphMessageOf(response);
  const code = ODATA_ERROR.safeParse(response.json).data?.error.code ?? "";
  if (code !== "" || message !== "") {
    return new GraphError(
      response.status,
      message,
      `${status} with error: ${[code, message].filter((each) => each !== "").join(": ")}`,
    );
  }
  const body = response.text === "" ? "" : ` with response: ${response.text}`;
  return new GraphError(response.status, "", `${status}${body}`);
}

export function graphMessageOf(response: HttpResponse): string {
  return ODATA_ERROR.safeParse(response.json).data?.error.message ?? "";
}

export function wasNotFound(error: unknown): boolean {
  return error instanceof GraphError && error.status === 404;
}
