// Reads a request body against a schema; what does not fit is ARM's InvalidRequestContent.
import { z } from "zod";
import { invalidContent } from "./errors";

export const Tags = z.record(z.string().max(512), z.string().max(256));

export function readBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(
    (issue) => `${issue.path.join(".") || "body"}: ${issue.message}`,
  );
  throw invalidContent(issues.join("; "));
}
