// The consumers of the config: each resolved with its preset, and what is wrong with them and their secrets.
import { z } from "zod";
import { hostKeyProblem } from "../contracts/host-key";
import { hostProblems } from "../decide/host-fields";
import { LABEL } from "../decide/inventory";
import { instanceFileProblem } from "../decide/instance-file";
import type { Preset } from "../presets/preset";
import { handOverPresetSchema, hostPresetSchema, overlay } from "../presets/preset";
import type { Problem } from "../problems";
import type { Confirmation, Consumer, ConsumerSecrets, ConsumerValues } from "../keyturn-config";
import { presets } from "../presets";
import { privateKeyProblem } from "./private-key";
import { fileTextProblem, lostCharacter } from "./text";

export const REMEDY = "Set it in Pulumi.<stack>.yaml.";
export const SECRET_REMEDY = "Set it with keyturn set-secrets.";
const REMOVE = "Remove it from Pulumi.<stack>.yaml.";
const NAME = /^[a-z][a-z0-9-]{0,22}[a-z0-9]$/;

/** A name of ours: of the credential, of a consumer. */
export const nameSchema = z
  .string()
  .regex(NAME, "must be 2 to 24 lower-case letters, digits and hyphens");

/** Every address there is would tell nobody apart. */
const range = z
  .union(
    [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
    "must be an IPv4 or IPv6 address, or a range such as 203.0.113.0/24",
  )
  .refine((text) => !text.endsWith("/0"), "must not be the range of all addresses");

/** One consumer as the config says it. */
export const consumerSchema = z.strictObject({
  name: nameSchema,
  connection: z
    .strictObject({
      host: z.string().min(1, "must not be empty"),
      port: z.int().min(1).max(65_535).default(22),
      user: z.string().min(1, "must not be empty"),
      hostKey: z.string().superRefine((line, context) => {
        const message = hostKeyProblem(line);
        if (message !== undefined) context.addIssue({ code: "custom", message });
      }),
    })
    .optional(),
  address: z.union([z.ipv4(), z.ipv6()], "must be an IPv4 or IPv6 address").optional(),
  addresses: z.array(range).min(1, "must name at least one address").optional(),
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

/** The secrets that are taken over, as the config says them. */
export const adoptedSchema = z.record(
  z.guid("must be the key id of a secret"),
  z.strictObject({
    label: z.string().regex(LABEL, "must be an epoch's label, such as 2026-05"),
    endDate: z.string().min(1, "must be the day on which the secret ends"),
  }),
);

/** The secrets of the automatic consumers. */
export const secretsSchema = z.record(
  z.string(),
  z.strictObject({
    privateKey: z.string().superRefine((text, context) => {
      // Of a text that has lost characters that is said instead.
      const message = lostCharacter(text) === undefined ? privateKeyProblem(text) : undefined;
      if (message !== undefined) context.addIssue({ code: "custom", message });
    }),
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

/** Holds a preset to its schema after overrides were laid over it; a fault becomes a problem of `subject`, and the result is undefined. */
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
  const { name, connection, preset: presetName = stack.preset, retry = 0 } = values;
  const preset = presetNamed(presetName, problems);
  if (preset === undefined) return undefined;
  const subject = `consumers[${index}]`;
  const part = preset.kind === "automatic" ? "host" : "handOver";
  const general = values.preset === undefined ? (stack.overrides[part] ?? {}) : {};
  const over = overlay(general, values.overrides);
  const basics = { name, retry, addresses: addressesOf(values, subject, problems) };
  if (preset.kind !== "automatic") {
    if (connection !== undefined) {
      const rule = `must not be given for preset ${presetName}, which people serve`;
      problems.push({ subject: `${subject}.connection`, rule, remedy: REMOVE });
    }
    const laid = overlay(preset.handOver, over);
    const handOver = check(handOverPresetSchema, laid, `${subject}.overrides`);
    return handOver && { ...basics, kind: preset.kind, handOver };
  }
  if (connection === undefined) {
    const rule = `must be given for preset ${presetName}, which is served over SSH`;
    problems.push({ subject: `${subject}.connection`, rule, remedy: REMEDY });
  }
  const host = check(hostPresetSchema, overlay(preset.host, over), `${subject}.overrides`);
  for (const problem of host ? hostProblems(host) : []) {
    const [field = "", rule = ""] = problem.replace(/\.$/, "").split(/: (.*)/s);
    problems.push({
      subject: `${subject}.overrides.${field}`,
      rule: rule.startsWith("must ") ? rule : `is not valid: ${rule}`,
      remedy: REMEDY,
    });
  }
  return host && connection && { ...basics, kind: "automatic", connection, host };
}

/** `address` says one, `addresses` several: whoever gives both has to say which holds. */
function addressesOf(
  { address, addresses }: ConsumerValues,
  subject: string,
  problems: Problem[],
): readonly string[] | undefined {
  if (address !== undefined && addresses !== undefined) {
    const rule = "must not be given beside addresses, which may hold it too";
    problems.push({ subject: `${subject}.address`, rule, given: address, remedy: REMOVE });
  }
  return addresses ?? (address === undefined ? undefined : [address]);
}

/** A problem for each name that two consumers share: outcomes and secrets are told apart by it. */
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
      // Said already, of every text; what else is wrong with the file comes of it.
      if (lostCharacter(given.file) !== undefined) return [];
      const fault = fileTextProblem(given.file) ?? instanceFileProblem(given.file, host);
      return fault === undefined ? [] : [bad(`${subject}.file`, fault)];
    }),
  ];
}
