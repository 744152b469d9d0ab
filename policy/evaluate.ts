// The rules without an engine: over resources that somebody has read, such as an exported state.
import { isStack } from "./kinds";
import type { Level, Rule, StackSubject } from "./rule";
import { type Finding, runOnResource, runOnStack } from "./run";
import { RULES } from "./rules";
import { SETTINGS_RULE } from "./rules/packSettings";
import { NO_SETTINGS, settingsSchema } from "./settings";

/** The pack's configuration, by rule: a level, or settings with or without one; `all` for every rule. */
export type PackConfig = Readonly<Record<string, unknown>>;

/** A resource with its inputs as `props`, and what it came to. */
export interface Existing extends StackSubject {
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** A finding with the level at which it is enforced. */
export interface LevelledFinding extends Finding {
  readonly level: Level;
}

/** Stands for the stack where there is none, so that the pack's own settings are judged all the same. */
const ROOT: Existing = {
  type: "pulumi:pulumi:Stack",
  name: "audit",
  urn: "urn:pulumi:entra::audit::pulumi:pulumi:Stack::audit",
  props: {},
  outputs: {},
  opts: { protect: false },
  propertyDependencies: {},
};

/** Runs every rule over resources that exist; each finding once. */
export function evaluate(
  existing: readonly Existing[],
  config: PackConfig = {},
  rules: readonly Rule[] = RULES,
): LevelledFinding[] {
  const subjects = existing.some(isStack) ? existing : [ROOT, ...existing];
  const findings = new Map<string, LevelledFinding>();
  const settings = settingsSchema.safeParse(settingsOf(config[SETTINGS_RULE])).data;
  const made = withOutputs(subjects);
  for (const rule of rules) {
    const level = givenLevel(config[rule.id]) ?? givenLevel(config["all"]) ?? rule.level;
    if (level === "disabled") continue;
    const options = {
      config: settingsOf(config[rule.id]),
      settings: settings ?? NO_SETTINGS,
      rules: rules.map(({ id }) => id),
      // How the engine was run is past.
      environment: {},
      tell: (finding: Finding) => {
        const key = [finding.rule, finding.urn, finding.message].join("\n");
        findings.set(key, { ...finding, level: finding.kind === "note" ? "advisory" : level });
      },
    };
    for (const subject of subjects) runOnResource(rule, subject, options);
    runOnStack(rule, made, options);
  }
  return [...findings.values()];
}

/** The same resources with their outputs as `props`, and so are those that they come from. */
function withOutputs(subjects: readonly Existing[]): StackSubject[] {
  const made = new Map(
    subjects.map((subject) => {
      const propertyDependencies: Record<string, readonly StackSubject[]> = {};
      return [subject.urn, { ...subject, props: subject.outputs, propertyDependencies }] as const;
    }),
  );
  for (const subject of subjects) {
    for (const [input, sources] of Object.entries(subject.propertyDependencies)) {
      const found = sources.flatMap(({ urn }) => made.get(urn) ?? []);
      Object.assign(made.get(subject.urn)?.propertyDependencies ?? {}, { [input]: found });
    }
  }
  return [...made.values()];
}

function settingsOf(given: unknown): object {
  return typeof given === "object" && given !== null ? given : {};
}

function givenLevel(given: unknown): Level | "disabled" | undefined {
  const level =
    typeof given === "string"
      ? given
      : (settingsOf(given) as { enforcementLevel?: unknown }).enforcementLevel;
  return level === "advisory" || level === "mandatory" || level === "disabled" ? level : undefined;
}
