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
  retiring: z.array(
    // Of an epoch that was skipped only the password is known.
    issued.extend({
      start: day.optional(),
      generation: z.int().min(0).optional(),
      successorAdoptedOn: day,
    }),
  ),
  /** Epochs that passed without adoption; still declared until a successor is adopted. */
  skipped: z.array(issued),
  /** Epochs that the next run leaves out. */
  released: z.array(issued),
});

/** The record that a successful run leaves in the output `history`. */
export type History = z.infer<typeof schema>;

/** One password of ours that Entra issued and the state holds. */
export type IssuedPassword = z.infer<typeof issued>;

/** What the stack holds beside the output, as `readOwnStack` gives it. */
export interface StackBeside {
  /** Type and outputs of every resource of the state. */
  readonly resources: Readonly<Record<string, unknown>>;
  /** The output that says what the last successful run came to at its consumers. */
  readonly consumers?: unknown;
}

/**
 * Reads the output `history`; undefined is a first deployment. @param beside where it is given, a record that was lost is
 * told from one that never was. @throws Error that says how to bring it back
 */
export function parseHistory(
  name: string,
  value: unknown,
  beside?: StackBeside,
): History | undefined {
  if (value === undefined || value === null) {
    const lost = beside === undefined ? [] : lostSecrets(name, beside);
    if (lost.length === 0) return undefined;
    throw new Error(
      `${name}: the stack's own output "history", the record of its last successful run, is gone, ` +
        `but its state holds secrets that a service may have adopted (${lost.join(", ")}). ${REPAIR}`,
    );
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const where = result.error.issues
    .map((issue) => `${["history", ...issue.path.map(String)].join(".")}: ${issue.message}`)
    .join("; ");
  throw new Error(
    `${name}: the stack's own output "history" must be the record of its last successful run, ` +
      `but cannot be read (${where}). ${REPAIR}`,
  );
}

const REPAIR =
  `Nothing was changed. Bring it back from an earlier state: ` +
  `pulumi stack history; pulumi stack export --version <n> > state.json; ` +
  `pulumi stack import --file state.json; then run again. ` +
  `It is not taken for a first deployment, since a secret in use could then be removed.`;

const stateCredential = z.object({
  type: z.literal("keyturn:index:Credential"),
  outputs: z.object({
    keyIds: z.record(z.string(), z.string()),
    record: z.object({ history: z.unknown() }),
  }),
});
const outcomes = z.array(z.object({ name: z.string(), outcome: z.string() })).min(1);

/**
 * Labels of the secrets in the state that a lost record may have been about. Whether one was protected the engine does not
 * tell a program; the credential's own outputs tell what was recorded, and protected is what was recorded as adopted.
 */
function lostSecrets(name: string, { resources, consumers }: StackBeside): string[] {
  const passwords = issuedPasswords(name, resources);
  const known = new Set(passwords.map(({ keyId }) => keyId));
  const records = Object.values(resources).flatMap((resource) => {
    const parsed = stateCredential.safeParse(resource);
    // A program of one's own may have other credentials beside this one.
    const { keyIds = {}, record } = parsed.data?.outputs ?? {};
    return Object.values(keyIds).some((one) => known.has(one)) ? [record?.history] : [];
  });
  const lost =
    records.length > 0
      ? records.some((record) => !neverAdopted(record))
      : outcomes.safeParse(consumers).success;
  return lost ? passwords.map(({ label }) => label).sort() : [];
}

function neverAdopted(record: unknown): boolean {
  const history = schema.safeParse(record);
  return history.success && history.data.active === undefined;
}

const stateApplication = z.object({
  type: z.literal("azuread:index/application:Application"),
  outputs: z.object({ clientId: z.guid() }),
});

/**
 * The client id of the application that the state holds for a credential; empty before there is one. A program of one's own
 * may have other applications. @param resources by URN
 */
export function clientIdInState(
  name: string,
  resources: Readonly<Record<string, unknown>>,
): string {
  const applications = Object.entries(resources).flatMap(([urn, resource]) => {
    if (!urn.endsWith(`::${name}-application`)) return [];
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
