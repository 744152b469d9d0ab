// The rules as the policies of Pulumi's SDK.
import type {
  Policy,
  PolicyConfigSchema,
  ReportViolation,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import { z } from "zod";
import type { Rule } from "./rule";
import { type Finding, type RunOptions, runOnResource, runOnStack } from "./run";
import { RULES } from "./rules";
import { SETTINGS_RULE } from "./rules/packSettings";
import { NO_SETTINGS, type PackSettings, settingsSchema } from "./settings";

/** The pack's name, as the engine prints it. */
export const PACK_NAME = "keyturn";

/** A policy that looks at resources, at the stack, or at both. */
export type RulePolicy = Policy &
  Partial<Pick<ResourceValidationPolicy, "validateResource">> &
  Partial<Pick<StackValidationPolicy, "validateStack">>;

/** Every rule as a policy, packSettings first. */
export function policies(
  rules: readonly Rule[] = RULES,
  environment: RunOptions["environment"] = process.env,
): RulePolicy[] {
  let settings: PackSettings = NO_SETTINGS;
  const ids = rules.map(({ id }) => id);
  return rules.map((rule) => {
    const options = (given: object, report: ReportViolation): RunOptions => {
      if (rule.id === SETTINGS_RULE) {
        settings = settingsSchema.safeParse(given).data ?? NO_SETTINGS;
      }
      return { config: given, settings, rules: ids, environment, tell: telling(rule, report) };
    };
    return {
      ...words(rule),
      ...(rule.resource && {
        validateResource: (args, report) => {
          runOnResource(rule, args, options(args.getConfig(), report));
        },
      }),
      ...(rule.stack && {
        validateStack: (args, report) => {
          runOnStack(rule, args.resources, options(args.getConfig(), report));
        },
      }),
    };
  });
}

function words(rule: Rule): Policy {
  return {
    name: rule.id,
    description: rule.fault,
    enforcementLevel: rule.level,
    severity: rule.severity,
    remediationSteps: rule.remedy,
    url: urlOf(rule),
    configSchema: configSchemaOf(rule),
  };
}

/** Where the rule is explained; the headings of RULES.md are the ids. */
export function urlOf(rule: Rule): string {
  return `policy/RULES.md#${rule.id.toLowerCase()}`;
}

function configSchemaOf({ config }: Rule): PolicyConfigSchema {
  const { properties = {} } = z.toJSONSchema(config, { io: "input" });
  return { properties } as PolicyConfigSchema;
}

/** The SDK also takes an object, which its types leave out: it is the way to a note below a mandatory rule's level. */
function telling(rule: Rule, report: ReportViolation): (finding: Finding) => void {
  return ({ kind, message, urn }) => {
    const level = kind === "note" ? { enforcementLevel: "advisory" } : {};
    const violation = { message, urn, description: rule.fault, severity: rule.severity, ...level };
    (report as unknown as (violation: object) => void)(violation);
  };
}
