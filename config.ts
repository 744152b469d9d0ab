// The one reader of config. Everything that is wrong with it is said in one error, before anything is done;
// secrets are kept apart, as outputs, and no error carries one.
import type { Output } from "@pulumi/pulumi";
import { Config, runtime, secret } from "@pulumi/pulumi";
import { z } from "zod";
import type { Preset } from "./components/pure/preset";
import { overlay, presetSchema } from "./components/pure/preset";
import type { Problem } from "./components/pure/problems";
import { allProblems } from "./components/pure/problems";
import { scheduleProblems } from "./components/pure/schedule";
import type { ConsumerSecrets, Settings } from "./components/pure/settings";
import { DEFAULTS } from "./components/pure/settings";
import { existingGroupProblems, groupsToDeclare } from "./components/pure/existing-groups";
import { vaultNameProblems } from "./components/pure/vault-plan";
import type { Resolve } from "./config-consumers";
import {
  REMEDY,
  SECRET_REMEDY,
  confirmationProblems,
  confirmationsSchema,
  consumerSchema,
  duplicates,
  nameSchema,
  presetNamed,
  resolveConsumer,
  secretProblems,
  secretsSchema,
} from "./config-consumers";

const guid = z.guid("must be a GUID");
const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: "custom", message: "must be structured YAML or JSON" });
        return z.NEVER;
      }
    })
    .pipe(schema);
const flag = z
  .enum(["true", "false"], "must be true or false")
  .transform((text) => text === "true");
const whole = z
  .string()
  .regex(/^\d{1,9}$/, "must be a whole number from 0")
  .transform(Number);
const record = z.record(z.string(), z.unknown());
const actionGroup = z
  .string()
  .regex(
    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/microsoft\.insights\/actionGroups\/[^/]+$/i,
    "must be the resource id of an action group: /subscriptions/…/providers/Microsoft.Insights/actionGroups/…",
  );
const reader = z.strictObject({
  principalObjectId: guid,
  principalType: z.enum(["Group", "ServicePrincipal", "User"]).default("Group"),
});
const values = z.object({
  name: nameSchema.default(DEFAULTS.name),
  preset: z.string().default(DEFAULTS.preset),
  overrides: json(record).default({}),
  // YAML takes a date without quotes for an instant; the CLI then hands on Go's words for it.
  anchor: z.string().transform((text) => text.replace(/ 00:00:00 \+0000 UTC$/, "")),
  every: z.string().default(DEFAULTS.every),
  overlap: z.string().default(DEFAULTS.overlap),
  lifetime: z.string().default(DEFAULTS.lifetime),
  generation: whole.default(DEFAULTS.generation),
  applicationClientId: z.literal("").or(guid).default(DEFAULTS.applicationClientId),
  existingGroups: json(z.record(z.string().min(1), guid)).default({}),
  tenantId: guid,
  environment: z.enum(["public", "usgovernment", "china"]).default(DEFAULTS.environment),
  metadataHost: z
    .string()
    .regex(/^[^/]*$/, "must be host or host:port")
    .default(""),
  subscriptionId: guid,
  vaultResourceGroup: z.string().min(1, "must not be empty"),
  vaultName: z
    .string()
    .regex(
      /^$|^[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]$/,
      "must be 3 to 24 letters, digits and hyphens",
    )
    .default(DEFAULTS.vaultName),
  vaultCreate: flag.default(DEFAULTS.vaultCreate),
  vaultLocation: z.string().default(DEFAULTS.vaultLocation),
  vaultReaders: json(z.array(reader)).default([]),
  consumers: json(z.array(consumerSchema).min(1, "must name at least one consumer")),
  confirmations: json(confirmationsSchema).default(DEFAULTS.confirmations),
  oneTimeServer: z
    .string()
    .refine((text) => text === "" || isServer(text), "must be an https address without a query")
    .transform((text) => text.replace(/\/+$/, ""))
    .default(DEFAULTS.oneTimeServer),
  alarmActionGroups: json(z.array(actionGroup)).default([]),
  signInLog: flag.default(DEFAULTS.signInLog),
  rehearsalClock: flag.default(DEFAULTS.rehearsalClock),
});
/** The keys of the config that are plain. */
export const PLAIN_KEYS = Object.keys(values.shape);

/** Reads the stack's config. @throws Error that says everything that is wrong with it */
export async function readSettings(
  config: Config = new Config(),
): Promise<{ settings: Settings; secrets: Output<Readonly<Record<string, ConsumerSecrets>>> }> {
  const raw = Object.fromEntries(PLAIN_KEYS.map((key) => [key, config.get(key)]));
  const secretText = config.getSecret("consumerSecrets");
  const given = await new Promise<string | undefined>((resolve) => {
    if (secretText === undefined) resolve(undefined);
    else secretText.apply(resolve);
  });
  // The SDK's own function, which its types leave out.
  const sdk = runtime as unknown as { isConfigSecret(key: string): boolean };
  const encrypted = sdk.isConfigSecret(`${config.name}:consumerSecrets`);
  const settings = parseSettings(raw, given, encrypted);
  type Secrets = Readonly<Record<string, ConsumerSecrets>>;
  const none: Output<Secrets> = secret<Secrets>({});
  return { settings, secrets: config.getSecretObject<Secrets>("consumerSecrets") ?? none };
}

/** Checks the config's texts. @throws Error that says everything that is wrong with them */
export function parseSettings(
  raw: Readonly<Record<string, string | undefined>>,
  consumerSecrets: string | undefined,
  encrypted = true,
): Settings {
  const parsed = values.safeParse(raw);
  const secrets = json(secretsSchema).safeParse(consumerSecrets ?? "{}");
  const problems = [
    ...(encrypted || isEmpty(consumerSecrets) ? [] : [PLAIN_SECRETS]),
    ...(parsed.error?.issues ?? []).map((issue) => problem(issue, raw)),
    ...(secrets.error?.issues ?? []).map((issue) => ({
      ...problem(issue, {}, "consumerSecrets"),
      remedy: SECRET_REMEDY,
    })),
  ];
  if (!parsed.success) throw new Error(allProblems(HEADING, problems));
  const { preset, overrides, consumers, ...rest } = parsed.data;
  const check: Resolve = (schema, value, subject) => {
    const result = schema.safeParse(value);
    problems.push(...(result.error?.issues ?? []).map((issue) => problem(issue, {}, subject)));
    return result.data;
  };
  const base = presetNamed(preset, problems);
  const product = base && check(presetSchema, overlay(base, overrides), "overrides");
  const licences = base && groupsToDeclare(product ?? base, rest, overrides);
  const resolved = consumers.flatMap((values, index) => {
    const found = resolveConsumer(values, index, { preset, overrides }, problems, check);
    return found === undefined ? [] : [found];
  });
  problems.push(...scheduleProblems(rest), ...duplicates(consumers.map((c) => c.name)));
  problems.push(...vaultNameProblems(rest.vaultName, rest.vaultCreate));
  if (licences) problems.push(...existingGroupProblems(rest.existingGroups, licences.names));
  // What could not be resolved has its problem already; its secrets and confirmations wait for that.
  const unresolved = consumers
    .map((c) => c.name)
    .filter((n) => !resolved.some((r) => r.name === n));
  if (secrets.success) problems.push(...secretProblems(resolved, secrets.data, unresolved));
  problems.push(...confirmationProblems(resolved, rest.confirmations, unresolved));
  if (problems.length > 0) throw new Error(allProblems(HEADING, problems));
  // Without a problem everything resolved.
  return {
    ...rest,
    product: { ...(product as Preset), ...licences?.product },
    consumers: resolved,
  };
}

// Not declared as a secret in Pulumi.yaml: the engine then wants one, even where people serve every consumer.
const PLAIN_SECRETS: Problem = {
  subject: "consumerSecrets",
  rule: "must be encrypted",
  remedy: SECRET_REMEDY,
};

function isEmpty(text = "{}"): boolean {
  return /^\s*\{\s*\}\s*$/.test(text);
}

const HEADING = "The config of this stack cannot be used";

function problem(
  issue: z.core.$ZodIssue,
  raw: Readonly<Record<string, unknown>>,
  root = "",
): Problem {
  const path = issue.path.map((part) =>
    typeof part === "number" ? `[${part}]` : `.${String(part)}`,
  );
  const subject = `${root}${path.join("")}`.replace(/^\./, "");
  const value = issue.path.length === 1 ? raw[String(issue.path[0])] : undefined;
  const missing = issue.path.length === 1 && root === "" && value === undefined;
  return {
    subject,
    rule: missing ? "must be given" : rule(issue.message),
    ...(typeof value === "string" ? { given: value === "" ? "nothing" : value } : {}),
    remedy: REMEDY,
  };
}

function rule(message: string): string {
  return message.startsWith("must ") ? message : `is not valid: ${message}`;
}

function isServer(text: string): boolean {
  const url = URL.parse(text);
  if (url === null) return false;
  return (
    url.protocol === "https:" && `${url.username}${url.password}${url.search}${url.hash}` === ""
  );
}
