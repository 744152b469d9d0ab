// The consumers of the config: each resolved with its preset, and what is wrong with them and their secrets.
import { z } from "zod";
import { instanceFileProblem } from "./components/pure/instance-file";
import type { Preset } from "./components/pure/preset";
import { handOverPresetSchema, hostPresetSchema, overlay } from "./components/pure/preset";
import type { Problem } from "./components/pure/problems";
import type {
  Confirmation,
  Consumer,
  ConsumerSecrets,
  ConsumerValues,
} from "./components/pure/settings";
import { presets } from "./presets";

export const REMEDY = "Set it in Pulumi.<stack>.yaml.";
export const SECRET_REMEDY = "Set it with pulumi config set --secret --path.";
const REMOVE = "Remove it from Pulumi.<stack>.yaml.";
const NAME = /^[a-z][a-z0-9-]{0,22}[a-z0-9]$/;
const HOST_KEY = /^(ssh-(ed25519|rsa)|ecdsa-sha2-\S+) [A-Za-z0-9+/]+=*( .*)?$/;

/** A name of ours: of the credential, of a consumer. */
export const nameSchema = z
  .string()
  .regex(NAME, "must be 2 to 24 lower-case letters, digits and hyphens");

/** One consumer as the config says it. */
export const consumerSchema = z.strictObject({
  name: nameSchema,
  connection: z
    .strictObject({
      host: z.string().min(1, "must not be empty"),
      port: z.int().min(1).max(65_535).default(22),
      user: z.string().min(1, "must not be empty"),
      hostKey: z.string().regex(HOST_KEY, "must be one public key line, such as ssh-ed25519 AAAA…"),
    })
    .optional(),
  address: z.union([z.ipv4(), z.ipv6()], "must be an IPv4 or IPv6 address").optional(),
  preset: z.string().optional(),
  overrides: z.record(z.string(), z.unknown()).optional(),
  retry: z.int().min(0).max(999_999).optional(),
});

/** The confirmations as the config says them. */
export const confirmationsSchema = z.record(
  z.string(),
  z.strictObject({
    // As Graph writes it, whoever typed it.
    keyId: z.guid("must be the GUID of a secret").toLowerCase(),
    // YAML takes a date without quotes for an instant.
    on: z
      .string()
      .transform((text) => text.replace(/(T| )00:00:00(Z| \+0000 UTC)$/, ""))
      .pipe(z.iso.date("must be a date YYYY-MM-DD")),
  }),
);

/** The secrets of the automatic consumers. */
export const secretsSchema = z.record(
  z.string(),
  z.strictObject({
    privateKey: z
      .string()
      .includes("PRIVATE KEY", { message: "must be a private key in PEM form" }),
    file: z.string().optional(),
  }),
);

/** The preset by its name; a problem, said once, when there is none. */
export function presetNamed(preset: string, problems: Problem[]): Preset | undefined {
  if (Object.hasOwn(presets, preset)) return presets[preset];
  if (!problems.some((p) => p.subject === "preset" && p.given === preset)) {
    const [last, ...others] = Object.keys(presets).reverse();
    const known = `${others.reverse().join(", ")} or ${last}`;
    problems.push({ subject: "preset", rule: `must be ${known}`, given: preset, remedy: REMEDY });
  }
  return undefined;
}

/** Checks what came of laying overrides over a preset. */
export type Resolve = <T>(schema: z.ZodType<T>, value: unknown, subject: string) => T | undefined;

/** The stack's preset and its overrides. */
export interface StackPreset {
  readonly preset: string;
  readonly overrides: Readonly<Record<string, unknown>>;
}

/** One consumer with its preset; undefined with a problem noted. */
export function resolveConsumer(
  values: ConsumerValues,
  index: number,
  stack: StackPreset,
  problems: Problem[],
  check: Resolve,
): Consumer | undefined {
  const { name, connection, address, preset = stack.preset, retry = 0 } = values;
  const product = presetNamed(preset, problems);
  if (product === undefined) return undefined;
  const subject = `consumers[${index}]`;
  const part = product.kind === "automatic" ? "host" : "handOver";
  const general = values.preset === undefined ? (stack.overrides[part] ?? {}) : {};
  const over = overlay(general, values.overrides);
  const basics = { name, retry, address };
  if (product.kind !== "automatic") {
    if (connection !== undefined) {
      const rule = `must not be given for preset ${preset}, which people serve`;
      problems.push({ subject: `${subject}.connection`, rule, remedy: REMOVE });
    }
    const laid = overlay(product.handOver, over);
    const handOver = check(handOverPresetSchema, laid, `${subject}.overrides`);
    return handOver && { ...basics, kind: product.kind, handOver };
  }
  if (connection === undefined) {
    const rule = `must be given for preset ${preset}, which is served over SSH`;
    problems.push({ subject: `${subject}.connection`, rule, remedy: REMEDY });
  }
  const host = check(hostPresetSchema, overlay(product.host, over), `${subject}.overrides`);
  return host && connection && { ...basics, kind: "automatic", connection, host };
}

/** Names that stand twice. */
export function duplicates(names: readonly string[]): Problem[] {
  const twice = names.filter((given, index) => names.indexOf(given) !== index);
  const rule = "must have names that differ";
  return twice.map((given) => ({ subject: "consumers", rule, given, remedy: REMEDY }));
}

/** Confirmations of consumers that nobody has to confirm. */
export function confirmationProblems(
  consumers: readonly Consumer[],
  confirmations: Readonly<Record<string, Confirmation>>,
  unresolved: readonly string[],
): Problem[] {
  const manual = consumers.filter(({ kind }) => kind !== "automatic").map(({ name }) => name);
  return Object.keys(confirmations)
    .filter((key) => !manual.includes(key) && !unresolved.includes(key))
    .map((key) => ({
      subject: `confirmations.${key}`,
      rule: "must be the name of a consumer that people serve",
      remedy: REMOVE,
    }));
}

/** What is wrong with the secrets; never with a value. */
export function secretProblems(
  consumers: readonly Consumer[],
  secrets: Readonly<Record<string, ConsumerSecrets>>,
  unresolved: readonly string[],
): Problem[] {
  const bad = (subject: string, rule: string): Problem => ({
    subject,
    rule,
    remedy: SECRET_REMEDY,
  });
  const automatic = consumers.filter((consumer) => consumer.kind === "automatic");
  const known = [...automatic.map(({ name }) => name), ...unresolved];
  const strangers = Object.keys(secrets).filter((key) => !known.includes(key));
  return [
    ...strangers.map((key) =>
      bad(`consumerSecrets.${key}`, "must be the name of an automatic consumer"),
    ),
    ...automatic.flatMap(({ name, host }) => {
      const given = secrets[name];
      const subject = `consumerSecrets.${name}`;
      if (given === undefined) return [bad(subject, "must be given")];
      if (host.fileMode !== "content") return [];
      if (given.file === undefined)
        return [bad(`${subject}.file`, "must be given for file mode content")];
      const fault = instanceFileProblem(given.file, host);
      return fault === undefined ? [] : [bad(`${subject}.file`, fault)];
    }),
  ];
}
