// Runs one rule: catches what it cannot see and what it throws, applies the exceptions, and words what was found.
import { isStack } from "./kinds";
import { Unseen } from "./reading";
import type { Context, Rule, StackSubject, Subject } from "./rule";
import { type PackSettings, exceptionsInForce, problemsIn, todayOf } from "./settings";

/** What a rule came to about one resource. A note is advice whatever the rule's level is. */
export interface Finding {
  readonly rule: string;
  readonly kind: "violation" | "note";
  readonly urn: string;
  readonly message: string;
}

export interface RunOptions {
  /** The rule's own configuration as it was given; defaults are filled in. */
  readonly config: unknown;
  readonly settings: PackSettings;
  /** Ids of all rules. */
  readonly rules: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly tell: (finding: Finding) => void;
}

/** Runs a rule on one resource's inputs. */
export function runOnResource(rule: Rule, subject: Subject, options: RunOptions): void {
  guarded(rule, subject, options, (context) => rule.resource?.(subject, context));
}

/** Runs a rule on the whole stack. */
export function runOnStack(
  rule: Rule,
  subjects: readonly StackSubject[],
  options: RunOptions,
): void {
  const root = subjects.find(isStack) ?? subjects[0];
  if (root === undefined) return;
  // A configuration that is not valid has been found at the stack's resource.
  if (rule.resource !== undefined && configProblem(rule, options.config) !== undefined) return;
  guarded(rule, root, options, (context) => rule.stack?.(subjects, context));
}

function guarded(
  rule: Rule,
  subject: Subject,
  options: RunOptions,
  decide: (context: Context<unknown>) => void,
): void {
  const problem = configProblem(rule, options.config);
  if (problem === undefined) {
    attempt(rule, subject, options, () => decide(contextOf(rule, options)));
  } else if (isStack(subject)) {
    // Once, and not at each resource.
    tell(rule, subject, options, "violation", problem);
  }
}

function attempt(rule: Rule, subject: Subject, options: RunOptions, decide: () => void): void {
  try {
    decide();
  } catch (error) {
    if (error instanceof Unseen) tell(rule, error.subject, options, "note", unseen(error));
    else tell(rule, subject, options, "violation", undecided(error));
  }
}

function contextOf(rule: Rule, options: RunOptions): Context<unknown> {
  const { settings, rules, environment, config } = options;
  const excepted = exceptionsInForce(settings).filter((one) => one.rule === rule.id);
  return {
    config: config ?? {},
    today: todayOf(settings),
    lab: settings.lab,
    rules,
    environment,
    found: (subject, what) => {
      const { name, urn } = subject;
      if (excepted.some(({ resource }) => resource === name || resource === urn)) return;
      tell(rule, subject, options, "violation", what);
    },
    note: (subject, what) => tell(rule, subject, options, "note", what),
    each: (subjects, decide) => {
      for (const subject of subjects) attempt(rule, subject, options, () => decide(subject));
    },
  };
}

function tell(
  rule: Rule,
  subject: Subject,
  options: RunOptions,
  kind: Finding["kind"],
  what: string,
): void {
  const remedy = kind === "violation" ? ` ${rule.remedy}` : "";
  const message = `${subject.name}: ${what}.${remedy}`;
  options.tell({ rule: rule.id, kind, urn: subject.urn, message });
}

function unseen({ path, why }: Unseen): string {
  return why === "unknown"
    ? `${path} is not known in a preview, so this rule is decided at the update`
    : `${path} is encrypted in this state, so this rule is not decided`;
}

/** Nothing of the error but its kind: its message may hold a value. */
function undecided(error: unknown): string {
  const kind = error instanceof Error ? error.constructor.name : typeof error;
  return `this rule could not be decided (${kind}), which is a defect of the pack. Report it, without the resource's values`;
}

function configProblem(rule: Rule, given: unknown): string | undefined {
  const parsed = rule.config.safeParse(given ?? {});
  if (parsed.success) return undefined;
  return `the configuration of ${rule.id} is not valid (${problemsIn(parsed.error)}), so this rule is not decided`;
}
