// The part of a stack's outputs that a run is judged by, checked where it comes in. An older stack lacks some of them.
import { z } from "zod";

const consumer = z.object({
  name: z.string(),
  outcome: z.string(),
  adopted: z.boolean(),
  reason: z.string().optional(),
  instruction: z.array(z.string()).optional(),
});

const epoch = z.object({ label: z.string(), keyId: z.string(), endDate: z.string() });

const schema = z.object({
  reason: z.string().optional(),
  nextRotation: z.string().optional(),
  daysLeft: z.number().optional(),
  consumers: z.array(consumer).optional(),
  notes: z.array(z.string()).optional(),
  history: z.object({ active: epoch.optional(), inFlight: epoch.optional() }).optional(),
});

/** What the outputs say about a run; no secret. */
export type RunOutputs = z.infer<typeof schema>;

/** @throws Error that names what cannot be read */
export function readOutputs(values: Readonly<Record<string, unknown>>): RunOutputs {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(
    `The stack's outputs must be those of a Keyturn stack, but cannot be read (${where.join("; ")}). Name the right stack with --stack.`,
  );
}
