// The one reader of config. Everything that is wrong with it is said in one error, before anything is done;
// secrets are kept apart, as outputs, and no error carries one.
import type { Config, Output } from "@pulumi/pulumi";
import { runtime, secret } from "@pulumi/pulumi";
import { z } from "zod";
import type { Preset } from "../presets/preset";
import { overlay, presetSchema } from "../presets/preset";
import type { Problem } from "../problems";
import { allProblems } from "../problems";
import { overlapInForce, scheduleProblems } from "../decide/schedule";
import type { ConfigValues, ConsumerSecrets, KeyturnConfig } from "../keyturn-config";
import { existingGroupProblems, groupsToDeclare } from "../decide/existing-groups";
import { vaultNameProblems } from "../decide/vault-plan";
import type { ConfigKey } from "./keys";
import { CONFIG_KEYS } from "./keys";
import type { Resolve } from "./consumers";
import {
  REMEDY,
  SECRET_REMEDY,
  confirmationProblems,
  duplicates,
  presetNamed,
  resolveConsumer,
  secretProblems,
} from "./consumers";
import { scriptDirectoryProblems } from "./script-directory";
import { lostCharacters } from "./text";

const { consumerSecrets: SECRETS, ...PLAIN } = CONFIG_KEYS;
const PLAIN_KEYS = Object.keys(PLAIN);
const values = z.object(
  Object.fromEntries(
    Object.entries<ConfigKey>(PLAIN).map(([key, { check, ...rest }]) => [
      key,
      "default" in rest ? check.default(rest.default) : check,
    ]),
  ) as { readonly [Key in keyof ConfigValues]: z.ZodType<ConfigValues[Key]> },
);

/**
 * Reads the stack's config. @param said values that a program says itself, by key; each counts instead of the config's
 * @throws Error that says everything that is wrong with it
 */
export async function readConfig(
  source: Config,
  said: Readonly<Record<string, unknown>> = {},
): Promise<{
  config: KeyturnConfig;
  secrets: Output<Readonly<Record<string, ConsumerSecrets>>>;
}> {
  refuseUnknown(said);
  const raw = Object.fromEntries(
    PLAIN_KEYS.map((key) => [key, textOf(said[key]) ?? source.get(key)]),
  );
  const secretText = source.getSecret("consumerSecrets");
  const given = await new Promise<string | undefined>((resolve) => {
    if (secretText === undefined) resolve(undefined);
    else secretText.apply(resolve);
  });
  // The SDK's own function, which its types leave out.
  const sdk = runtime as unknown as { isConfigSecret(key: string): boolean };
  const encrypted = sdk.isConfigSecret(`${source.name}:consumerSecrets`);
  const config = parseConfig(raw, given, encrypted);
  type Secrets = Readonly<Record<string, ConsumerSecrets>>;
  const none: Output<Secrets> = secret<Secrets>({});
  return { config, secrets: source.getSecretObject<Secrets>("consumerSecrets") ?? none };
}

/** A key that is not one would be left unread, and its default taken. */
function refuseUnknown(given: Readonly<Record<string, unknown>>): void {
  const unknown = Object.keys(given).filter((key) => !PLAIN_KEYS.includes(key));
  if (unknown.length === 0) return;
  const rule = "is no argument of a credential";
  const remedy = "Take it out of the program, or spell it as docs/configuration.md does.";
  const problems = unknown.map((subject) => ({ subject, rule, remedy }));
  throw new Error(allProblems("The arguments of this program cannot be used", problems));
}

/** A value as the engine hands on the config's. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  return JSON.stringify(value);
}

/** Checks the config's texts. @throws Error that says everything that is wrong with them */
export function parseConfig(
  raw: Readonly<Record<string, string | undefined>>,
  consumerSecrets: string | undefined,
  encrypted = true,
  platform: NodeJS.Platform = process.platform,
): KeyturnConfig {
  const parsed = values.safeParse(raw);
  const secrets = SECRETS.check.safeParse(consumerSecrets ?? "{}");
  const problems = [
    ...(encrypted || isEmpty(consumerSecrets) ? [] : [PLAIN_SECRETS]),
    ...(parsed.error?.issues ?? []).map((issue) => problem(issue, raw)),
    ...(secrets.error?.issues ?? []).map((issue) => ({
      ...problem(issue, {}, "consumerSecrets"),
      remedy: SECRET_REMEDY,
    })),
    ...PLAIN_KEYS.flatMap((key) => lostCharacters(key, valueOf(key, raw[key]), REMEDY)),
    ...lostCharacters("consumerSecrets", jsonOf(consumerSecrets), SECRET_REMEDY),
  ];
  if (!parsed.success) throw new Error(allProblems(HEADING, problems));
  const { preset: presetName, overrides, consumers, ...rest } = parsed.data;
  const check: Resolve = (schema, value, subject) => {
    const result = schema.safeParse(value);
    problems.push(...(result.error?.issues ?? []).map((issue) => problem(issue, {}, subject)));
    return result.data;
  };
  const base = presetNamed(presetName, problems);
  const preset = base && check(presetSchema, overlay(base, overrides), "overrides");
  const licences = base && groupsToDeclare(preset ?? base, rest, overrides);
  const resolved = consumers.flatMap((values, index) => {
    const found = resolveConsumer(
      values,
      index,
      { preset: presetName, overrides },
      problems,
      check,
    );
    return found === undefined ? [] : [found];
  });
  problems.push(...scheduleProblems(rest), ...duplicates(consumers.map((c) => c.name)));
  if (rest.requireSignInLog && !rest.signInLog) problems.push(LOG_WANTED);
  problems.push(...vaultNameProblems(rest.vaultName, rest.vaultCreate));
  if (licences) problems.push(...existingGroupProblems(rest.existingGroups, licences.names));
  problems.push(...scriptDirectoryProblems(resolved, consumers, platform === "win32"));
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
    overlap: overlapInForce(rest.overlap, rest.brokenGlass),
    preset: { ...(preset as Preset), ...licences?.preset },
    consumers: resolved,
  };
}

// Not declared as a secret in Pulumi.yaml: the engine then wants one, even where people serve every consumer.
const PLAIN_SECRETS: Problem = {
  subject: "consumerSecrets",
  rule: "must be encrypted",
  remedy: SECRET_REMEDY,
};

const LOG_WANTED: Problem = {
  subject: "requireSignInLog",
  rule: "must not be true where signInLog is false: no secret would ever be let go",
  remedy: REMEDY,
};

/** A structured key's value, and a plain one's text; what is no JSON has its problem already. */
function valueOf(key: string, text: string | undefined): unknown {
  const { type } = CONFIG_KEYS[key as keyof typeof CONFIG_KEYS];
  return type === "object" || type === "array" ? jsonOf(text) : text;
}

function jsonOf(text = "{}"): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

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
