// The outputs of a stack as the commands read them: checked at the edge, with everything that an older program did not
// write left out instead of refused.
import { z } from "zod";
import { type History, parseHistory } from "../../../src/decide/history";
import { harmlessValue } from "../../../src/foreign-text";
import { UsageError } from "../usage-error";

const outcome = z.object({
  name: z.string(),
  kind: z.enum(["automatic", "assisted", "handover"]).optional(),
  outcome: z.string(),
  adopted: z.boolean(),
  keyId: z.string(),
  reason: z.string().optional(),
  nextSync: z.string().nullish(),
  finishedAt: z.string().optional(),
  instruction: z.array(z.string()).optional(),
  linkId: z.string().optional(),
  linkExpires: z.string().optional(),
  link: z.string().optional(),
  /** By whose word it is adopted; absent before there was more than one. */
  level: z.enum(["host", "log", "people"]).optional(),
  seen: z.object({ at: z.string(), address: z.string(), requestId: z.string() }).optional(),
  notSeen: z.string().optional(),
});
const secretInEntra = z.object({
  displayName: z.string().nullish(),
  keyId: z.string(),
  startDate: z.string().nullish(),
  endDate: z.string().nullish(),
  /** Of one that is named as ours: whether a service holds it, and by what that is known. */
  standing: z.enum(["held", "unheld", "unknown"]).optional(),
  because: z.string().optional(),
  removeWith: z.string().optional(),
});
const formerSecret = z.object({
  keyId: z.string(),
  lastUse: z.object({ at: z.string(), address: z.string(), resource: z.string() }).optional(),
  unusedSince: z.string().optional(),
  provenByLog: z.boolean(),
  why: z.string().optional(),
});
const outputs = z.object({
  tenantId: z.string().optional(),
  clientId: z.string().optional(),
  keyIds: z.record(z.string(), z.string()).optional(),
  consumers: z.array(outcome).optional(),
  history: z.unknown().optional(),
  reason: z.string().optional(),
  nextRotation: z.iso.date().optional(),
  daysLeft: z.number().optional(),
  foreignSecrets: z.array(secretInEntra).optional(),
  orphans: z.array(secretInEntra).optional(),
  notes: z.array(z.string()).optional(),
  formerSecrets: z.array(formerSecret).optional(),
});

/** What the last successful run says that one consumer's hand-over came to. */
export type ConsumerOutcome = z.infer<typeof outcome>;

/** A secret of the application that the stack does not hold. */
export type SecretInEntra = z.infer<typeof secretInEntra>;

/** What is known of the use of a secret whose successor is adopted. */
export type FormerSecretUse = z.infer<typeof formerSecret>;

/** The outputs of a stack's last successful run. */
export interface StackOutputs extends Omit<z.infer<typeof outputs>, "history"> {
  /** undefined: there was no successful run yet. */
  readonly history: History | undefined;
}

/** Whether people hand the secret to this consumer. Before there were such consumers, outputs did not say the kind. */
export function isManual({ kind }: ConsumerOutcome): boolean {
  return kind !== undefined && kind !== "automatic";
}

/** @throws UsageError that names every output that is not what a run writes */
export function parseOutputs(stack: string, value: unknown): StackOutputs {
  const read = outputs.safeParse(value);
  if (!read.success) {
    const where = read.error.issues.map((one) => `${one.path.join(".")}: ${one.message}`);
    throw new UsageError(
      `The outputs of the stack ${stack} must be those of a Keyturn program, but are not (${where.join("; ")}). ` +
        "Give Keyturn's stack with --stack, or use the keyturn of the version that deployed it.",
    );
  }
  // What hosts and the directory said stands in them: harmless from here on, in whatever is made of it.
  return { ...harmlessValue(read.data), history: parseHistory(stack, read.data.history) };
}
