// What an audit is given from outside, checked at the edge: the policy pack's configuration, and which cloud to ask.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import type { PackConfig } from "../../../policy/evaluate";
import { UsageError } from "../usage-error";

const level = z.enum(["advisory", "mandatory", "disabled"]);
const packConfig = z.record(
  z.string(),
  z.union([level, z.looseObject({ enforcementLevel: level.optional() })]),
);
const cloud = z.enum(["public", "usgovernment", "china"]);

/** @param file relative to where the command was typed @throws UsageError when it is no configuration of the pack */
export function readPackConfig(file: string | undefined): PackConfig {
  if (file === undefined) return {};
  const path = resolve(process.env["INIT_CWD"] ?? process.cwd(), file);
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const why = error instanceof SyntaxError ? "it is not JSON" : "it cannot be read";
    throw new UsageError(`${path} must be a JSON object by rule, but ${why}.`);
  }
  const parsed = packConfig.safeParse(given);
  if (parsed.success) return parsed.data;
  const faulty = parsed.error.issues.map(({ path: at }) => at.join(".") || "the whole").join(", ");
  throw new UsageError(
    `${path} must be a JSON object by rule, each advisory, mandatory, disabled or an object of settings, but is not at: ${faulty}.`,
  );
}

/** The cloud that the azuread provider's variable names. @throws UsageError for one that there is not */
export function cloudIn(environment: NodeJS.ProcessEnv): z.output<typeof cloud> {
  const parsed = cloud.safeParse(environment["ARM_ENVIRONMENT"] || "public");
  if (parsed.success) return parsed.data;
  throw new UsageError(`ARM_ENVIRONMENT must be one of ${cloud.options.join(", ")}, but is not.`);
}
