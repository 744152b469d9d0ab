// What the control API can be told, as schemas: every order is checked whole before any of it is done.
import { DateTime, Duration } from "luxon";
import { z } from "zod";

const Guid = z.guid();
const Instant = z
  .string()
  .refine((text) => DateTime.fromISO(text, { zone: "utc" }).isValid, "must be an ISO-8601 instant");
const IsoDuration = z
  .string()
  .refine((text) => Duration.fromISO(text).isValid, 'must be an ISO-8601 duration such as "P1M"');

/** Moves the clock: set comes first, then advance, then rate. */
export const ClockOrder = z
  .strictObject({
    set: Instant.optional(),
    advance: IsoDuration.optional(),
    rate: z.number().positive().max(1_000_000).optional(),
  })
  .refine((order) => Object.keys(order).length > 0, "give at least one of set, advance, rate");

export const FaultOrder = z.strictObject({
  server: z.enum(["login", "graph", "arm", "vault", "snappass", "jobs"]),
  method: z.string().optional(),
  pathPattern: z.string().refine(isPattern, "must be a regular expression"),
  status: z.int().refine((status) => status === 0 || (status >= 400 && status <= 599), {
    message: "must be 0 (delay only) or 400 to 599",
  }),
  code: z.string().default("LabFault"),
  message: z.string().optional(),
  retryAfterSeconds: z.int().nonnegative().optional(),
  delayMs: z.int().nonnegative().max(600_000).optional(),
  times: z.int().positive().default(1),
  skip: z.int().nonnegative().optional(),
  when: z.enum(["before", "after"]).optional(),
  disconnect: z.boolean().optional(),
});

const Seconds = z.number().nonnegative();

/** How consistent the tenant is, and what licence it has. */
export const SettingsOrder = z
  .strictObject({
    propagationSeconds: Seconds,
    replicaSpreadSeconds: Seconds,
    removalDelaySeconds: Seconds,
    objectDelaySeconds: Seconds,
    memberDelaySeconds: Seconds,
    signInLogDelaySeconds: Seconds,
    premiumLicence: z.boolean(),
    pageSize: z.int().positive().max(999),
  })
  .partial();

/** What happens in the tenant behind the program's back, by name of the order. */
export const DIRECTORY_ORDERS = {
  "remove-password": z.strictObject({ clientId: Guid, keyId: Guid }),
  "add-password": z.strictObject({
    clientId: Guid,
    displayName: z.string().optional(),
    endDateTime: Instant.optional(),
  }),
  "add-federated-credential": z.strictObject({
    clientId: Guid,
    name: z.string().min(1),
    issuer: z.string().min(1),
    subject: z.string().min(1),
  }),
  "grant-role": z.strictObject({ clientId: Guid, role: z.string().min(1) }),
  "revoke-role": z.strictObject({ clientId: Guid, role: z.string().min(1) }),
  "set-enabled": z.strictObject({ clientId: Guid, enabled: z.boolean() }),
  "add-member": z.strictObject({ group: z.string().min(1), user: z.string().min(1) }),
  "remove-member": z.strictObject({ group: z.string().min(1), user: z.string().min(1) }),
  "create-application": z.strictObject({
    displayName: z.string().min(1),
    permissions: z.array(z.string()).default([]),
    consents: z.array(z.string()).default([]),
    signInAudience: z.string().default("AzureADMyOrg"),
    owned: z.boolean().default(true),
    principal: z.boolean().default(true),
  }),
  "create-group": z.strictObject({
    displayName: z.string().min(1),
    description: z.string().nullable().default(null),
    users: z.array(z.string()).default([]),
    groups: z.array(Guid).default([]),
  }),
  "show-groups": z.strictObject({ group: z.string().min(1) }),
  "set-policy": z
    .strictObject({
      isEnabled: z.boolean(),
      passwordAddition: z.boolean(),
      passwordMaxLifetime: IsoDuration,
    })
    .partial(),
} as const;

const Name = z.string().min(1);

/** A job that begins on a pipeline's system. */
export const JobOrder = z.discriminatedUnion("system", [
  z.strictObject({
    system: z.literal("github"),
    repository: z.string().regex(/^[^/]+\/[^/]+$/, 'must be "owner/repository"'),
    environment: Name.optional(),
    branch: Name.default("main"),
  }),
  z.strictObject({
    system: z.literal("azure"),
    organisation: Name,
    project: Name,
    serviceConnection: Name,
  }),
]);

/** The variables by which the stand-ins sign in from now on. */
export const SignInOrder = z.record(z.string(), z.string());

const AzureRole = z.strictObject({
  role: z.string().min(1),
  /** Object id; the deploying identity's when it is not given. */
  principal: Guid.optional(),
  /** The resource group when it is not given. */
  scope: z.string().startsWith("/").optional(),
});

/** What happens to Azure role assignments, by name of the order. */
export const AZURE_ORDERS = { "grant-role": AzureRole, "revoke-role": AzureRole } as const;

export type AzureOrderName = keyof typeof AZURE_ORDERS;
export type AzureOrder = z.input<typeof AzureRole>;
export type DirectoryOrderName = keyof typeof DIRECTORY_ORDERS;
export type DirectoryOrder<Name extends DirectoryOrderName> = z.input<
  (typeof DIRECTORY_ORDERS)[Name]
>;
export type ClockOrderInput = z.input<typeof ClockOrder>;
export type JobOrderInput = z.input<typeof JobOrder>;
export type FaultOrderInput = z.input<typeof FaultOrder>;
export type SettingsOrderInput = z.input<typeof SettingsOrder>;

/** An order that cannot be carried out as given; the sentence names every problem. */
export class OrderRefused extends Error {
  constructor(
    message: string,
    readonly status: number = 400,
  ) {
    super(message);
    this.name = "OrderRefused";
  }
}

export function readOrder<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const subject = issue.path.join(".") || "order";
    return `${subject}: ${issue.message}`;
  });
  throw new OrderRefused(`The lab refuses the order. ${problems.join("; ")}.`);
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
