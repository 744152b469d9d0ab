// What the stack's own last outputs say about its secrets, and how that text is read back.
// Absent history is a first deployment; history that cannot be read is an error, never a first deployment.
import { z } from "zod";

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const instant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/);
const keyId = z.guid();
const attempt = z.string().regex(/^[1-9]\d{0,8}(\+[A-Za-z0-9+-]+)?$/);

const issued = z.strictObject({ label: z.string().min(1), endDate: instant, keyId });
const epoch = issued.extend({ start: day, generation: z.int().min(0) });

const schema = z.strictObject({
  version: z.literal(1),
  /** The epoch whose secret every consumer was last proven on. */
  active: epoch.extend({ adoptedOn: day, attempt }).optional(),
  /** The epoch whose secret is being handed over. */
  inFlight: epoch
    // Whether an automatic consumer must be asked again; absent is true.
    .extend({ since: day, attempt, again: z.boolean().optional() })
    .optional(),
  /** Epochs whose successor is adopted; still valid. */
  retiring: z.array(epoch.extend({ successorAdoptedOn: day })),
  /** Epochs that passed without adoption; still declared until a successor is adopted. */
  skipped: z.array(issued),
  /** Epochs that the next run leaves out. */
  released: z.array(issued),
});

/** The record that a successful run leaves in the output `history`. */
export type History = z.infer<typeof schema>;

/** One password of ours that Entra issued and the state holds. */
export type IssuedPassword = z.infer<typeof issued>;

/** Reads the output `history`; undefined is a first deployment. */
export function parseHistory(name: string, value: unknown): History | undefined {
  if (value === undefined || value === null) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const where = result.error.issues
    .map((issue) => `${["history", ...issue.path.map(String)].join(".")}: ${issue.message}`)
    .join("; ");
  throw new Error(
    `${name}: the stack's own output "history" must be the record of its last successful run, ` +
      `but cannot be read (${where}). Nothing was changed. Bring it back from an earlier state: ` +
      `pulumi stack history; pulumi stack export --version <n> > state.json; ` +
      `pulumi stack import --file state.json; then run again. ` +
      `It is not taken for a first deployment, since a secret in use could then be removed.`,
  );
}

const stateApplication = z.object({
  type: z.literal("azuread:index/application:Application"),
  outputs: z.object({ clientId: z.guid() }),
});

/** The client id of the application that the state holds; empty before there is one. */
export function clientIdInState(resources: Readonly<Record<string, unknown>>): string {
  const applications = Object.values(resources).flatMap((resource) => {
    const parsed = stateApplication.safeParse(resource);
    return parsed.success ? [parsed.data.outputs.clientId] : [];
  });
  return applications[0] ?? "";
}

const statePassword = z.object({
  type: z.literal("azuread:index/applicationPassword:ApplicationPassword"),
  outputs: z.object({ displayName: z.string(), endDate: z.string(), keyId: z.string() }),
});

/**
 * Picks our own passwords out of the stack's resource state. A failed run records no outputs, but
 * what it issued is in the state; a secret in flight is thereby known even after a failure.
 */
export function issuedPasswords(
  name: string,
  resources: Readonly<Record<string, unknown>>,
): IssuedPassword[] {
  const prefix = `${name} `;
  return Object.values(resources).flatMap((resource) => {
    const parsed = statePassword.safeParse(resource);
    if (!parsed.success || !parsed.data.outputs.displayName.startsWith(prefix)) return [];
    const { displayName, endDate, keyId } = parsed.data.outputs;
    const found = issued.safeParse({ label: displayName.slice(prefix.length), endDate, keyId });
    return found.success ? [found.data] : [];
  });
}
