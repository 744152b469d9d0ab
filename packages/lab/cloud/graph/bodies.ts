// Request bodies: unknown properties, wrong types and missing values are refused in Graph's words.
import type { z } from "zod";
import { badRequest } from "./errors";

/** Parses a body without its @odata annotations; the first fault is thrown in Graph's words. */
export function parseBody<T extends z.ZodType>(
  schema: T,
  body: unknown,
  resource: string,
): z.infer<T> {
  const parsed = schema.safeParse(stripAnnotations(body ?? {}));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path.map(String).join(".") ?? "";
  if (issue?.code === "unrecognized_keys") {
    throw badRequest(`Invalid property '${issue.keys[0] ?? path}'.`);
  }
  if (issue?.code === "invalid_type" && valueAt(body, issue.path) === undefined) {
    throw badRequest(`A value is required for property '${path}' of resource '${resource}'.`);
  }
  throw badRequest(`Invalid value specified for property '${path}' of resource '${resource}'.`);
}

/** Refuses a body in which one of these properties is missing or null. */
export function requireValues(
  body: Readonly<Record<string, unknown>>,
  names: readonly string[],
  resource: string,
): void {
  const missing = names.find((name) => body[name] === undefined || body[name] === null);
  if (missing === undefined) return;
  throw badRequest(`A value is required for property '${missing}' of resource '${resource}'.`);
}

/** The properties to keep: references are acted upon, not stored. */
export function withoutReferences(
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !name.includes("@odata.")));
}

function stripAnnotations(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripAnnotations);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(
    ([name]) => name !== "@odata.type" && name !== "@odata.context",
  );
  return Object.fromEntries(kept.map(([name, inner]) => [name, stripAnnotations(inner)]));
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    body,
  );
}
