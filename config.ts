// The one reader of config. Everything that is wrong with it is said in one error, before anything is done;
// secrets are kept apart, as outputs, and no error carries one.
import type { Output } from "@pulumi/pulumi";
import { Config } from "@pulumi/pulumi";
import { z } from "zod";
import { instanceFileProblem } from "./components/pure/instance-file";
import type { HostPreset, Preset } from "./components/pure/preset";
import { hostPresetSchema, overlay, presetSchema } from "./components/pure/preset";
import type { Problem } from "./components/pure/problems";
import { allProblems } from "./components/pure/problems";
import { scheduleProblems } from "./components/pure/schedule";
import type { Consumer, ConsumerSecrets, Settings } from "./components/pure/settings";
import { DEFAULTS } from "./components/pure/settings";
import { presets } from "./presets";

const NAME = /^[a-z][a-z0-9-]{0,22}[a-z0-9]$/;
const name = z.string().regex(NAME, "must be 2 to 24 lower-case letters, digits and hyphens");
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
const HOST_KEY = /^(ssh-(ed25519|rsa)|ecdsa-sha2-\S+) [A-Za-z0-9+/]+=*( .*)?$/;
const connection = z.strictObject({
  host: z.string().min(1, "must not be empty"),
  port: z.int().min(1).max(65_535).default(22),
  user: z.string().min(1, "must not be empty"),
  hostKey: z.string().regex(HOST_KEY, "must be one public key line, such as ssh-ed25519 AAAA…"),
});
const consumer = z.strictObject({
  name,
  connection,
  preset: z.string().optional(),
  overrides: record.optional(),
  retry: z.int().min(0).max(999_999).optional(),
});
const reader = z.strictObject({
  principalObjectId: guid,
  principalType: z.enum(["Group", "ServicePrincipal", "User"]).default("Group"),
});
const values = z.object({
  name: name.default(DEFAULTS.name),
  preset: z.string().default(DEFAULTS.preset),
  overrides: json(record).default({}),
  // YAML takes a date without quotes for an instant; the CLI then hands on Go's words for it.
  anchor: z.string().transform((text) => text.replace(/ 00:00:00 \+0000 UTC$/, "")),
  every: z.string().default(DEFAULTS.every),
  overlap: z.string().default(DEFAULTS.overlap),
  lifetime: z.string().default(DEFAULTS.lifetime),
  generation: whole.default(DEFAULTS.generation),
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
      /^[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]$/,
      "must be 3 to 24 letters, digits and hyphens",
    ),
  vaultCreate: flag.default(DEFAULTS.vaultCreate),
  vaultLocation: z.string().default(DEFAULTS.vaultLocation),
  vaultReaders: json(z.array(reader)).default([]),
  consumers: json(z.array(consumer).min(1, "must name at least one consumer")),
  rehearsalClock: flag.default(DEFAULTS.rehearsalClock),
});
const secretValues = z.record(
  z.string(),
  z.strictObject({
    privateKey: z
      .string()
      .includes("PRIVATE KEY", { message: "must be a private key in PEM form" }),
    file: z.string().optional(),
  }),
);

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
  const settings = parseSettings(raw, given);
  const secrets =
    config.requireSecretObject<Readonly<Record<string, ConsumerSecrets>>>("consumerSecrets");
  return { settings, secrets };
}

/** Checks the config's texts. @throws Error that says everything that is wrong with them */
export function parseSettings(
  raw: Readonly<Record<string, string | undefined>>,
  consumerSecrets: string | undefined,
): Settings {
  const parsed = values.safeParse(raw);
  const secrets = json(secretValues).safeParse(consumerSecrets ?? "{}");
  const problems = [
    ...(parsed.error?.issues ?? []).map((issue) => problem(issue, raw)),
    ...(secrets.error?.issues ?? []).map((issue) => ({
      ...problem(issue, {}, "consumerSecrets"),
      remedy: SECRET_REMEDY,
    })),
  ];
  if (!parsed.success) throw new Error(allProblems(HEADING, problems));
  const { preset, overrides, consumers, ...rest } = parsed.data;
  const product = resolve(presetSchema, preset, overrides, "overrides", (p) => p, problems);
  const resolved = consumers.map(({ name: consumerName, retry, ...own }, index) => ({
    name: consumerName,
    connection: own.connection,
    retry: retry ?? 0,
    host: resolve(
      hostPresetSchema,
      own.preset ?? preset,
      overlay(own.preset === undefined ? (overrides["host"] ?? {}) : {}, own.overrides),
      `consumers[${index}].overrides`,
      (p) => p.host,
      problems,
    ),
  }));
  problems.push(...scheduleProblems(rest), ...duplicates(consumers.map((c) => c.name)));
  if (secrets.success) problems.push(...secretProblems(resolved, secrets.data));
  if (problems.length > 0) throw new Error(allProblems(HEADING, problems));
  // Without a problem everything resolved.
  return { ...rest, product: product as Preset, consumers: resolved as Consumer[] };
}

const HEADING = "The config of this stack cannot be used";
const REMEDY = "Set it in Pulumi.<stack>.yaml.";
const SECRET_REMEDY = "Set it with pulumi config set --secret --path.";

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

function resolve<T>(
  schema: z.ZodType<T>,
  preset: string,
  overrides: unknown,
  subject: string,
  part: (preset: Preset) => unknown,
  problems: Problem[],
): T | undefined {
  const base = Object.hasOwn(presets, preset) ? presets[preset] : undefined;
  if (base === undefined) {
    const known = Object.keys(presets).join(" or ");
    const given = { subject: "preset", rule: `must be ${known}`, given: preset, remedy: REMEDY };
    if (!problems.some((p) => p.subject === "preset" && p.given === preset)) problems.push(given);
    return undefined;
  }
  const result = schema.safeParse(overlay(part(base), overrides));
  problems.push(...(result.error?.issues ?? []).map((issue) => problem(issue, {}, subject)));
  return result.data;
}

function duplicates(names: readonly string[]): Problem[] {
  const twice = names.filter((given, index) => names.indexOf(given) !== index);
  return twice.map((given) => ({
    subject: "consumers",
    rule: "must have names that differ",
    given,
    remedy: REMEDY,
  }));
}

function secretProblems(
  consumers: readonly { readonly name: string; readonly host: HostPreset | undefined }[],
  secrets: Readonly<Record<string, ConsumerSecrets>>,
): Problem[] {
  const bad = (subject: string, text: string): Problem => ({
    subject,
    rule: text,
    remedy: SECRET_REMEDY,
  });
  const known = consumers.map((c) => c.name);
  const strangers = Object.keys(secrets).filter((key) => !known.includes(key));
  return [
    ...strangers.map((key) => bad(`consumerSecrets.${key}`, "must be the name of a consumer")),
    ...consumers.flatMap(({ name: consumerName, host }) => {
      const given = secrets[consumerName];
      const subject = `consumerSecrets.${consumerName}`;
      if (given === undefined) return [bad(subject, "must be given")];
      if (host?.fileMode !== "content") return [];
      if (given.file === undefined)
        return [bad(`${subject}.file`, "must be given for file mode content")];
      const fault = instanceFileProblem(given.file, host);
      return fault === undefined ? [] : [bad(`${subject}.file`, fault)];
    }),
  ];
}
