// Lists in pages of at most 25, with the nextLink that the service gives: absolute, with a skip token.
import type { FastifyRequest } from "fastify";

export interface Page {
  readonly value: readonly object[];
  readonly nextLink: string | null;
}

export function page(request: FastifyRequest, items: readonly object[], size: number): Page {
  const here = new URL(`https://${request.host}${request.url}`);
  const start = offsetOf(here.searchParams.get("$skiptoken"));
  const next = start + size;
  if (next >= items.length) return { value: items.slice(start), nextLink: null };
  here.searchParams.set("$skiptoken", Buffer.from(String(next)).toString("base64url"));
  here.searchParams.set("maxresults", String(size));
  return { value: items.slice(start, next), nextLink: here.href };
}

function offsetOf(token: string | null): number {
  const offset = Number(Buffer.from(token ?? "", "base64url").toString());
  return Number.isInteger(offset) && offset > 0 ? offset : 0;
}
