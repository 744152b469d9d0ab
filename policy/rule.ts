// What a rule is: its words, its configuration, and what it looks at. One rule a file, in rules/.
import type { DateTime } from "luxon";
import type { z } from "zod";

export type Severity = "low" | "medium" | "high" | "critical";
export type Level = "advisory" | "mandatory";

/** A resource as the engine shows it before it is made: its inputs. Values may be unknown; read them with reading.ts. */
export interface Subject {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly props: Readonly<Record<string, unknown>>;
  readonly opts: { readonly protect: boolean };
}

/** A resource as the engine shows it with the whole stack: its outputs, and which resources its inputs come from. */
export interface StackSubject extends Subject {
  readonly propertyDependencies: Readonly<Record<string, readonly StackSubject[]>>;
}

/** What a rule decides with, and what it says. */
export interface Context<Config> {
  readonly config: Config;
  /** The first moment of this UTC day. */
  readonly today: DateTime;
  /** Whether the pack is told that it runs on a rehearsal's lab. */
  readonly lab: boolean;
  /** Ids of all rules. */
  readonly rules: readonly string[];
  /** The environment of the engine that loaded the pack. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Says what is wrong with a resource; never with a value that may be secret. */
  readonly found: (subject: Subject, what: string) => void;
  /** Says something about a resource that is not wrong. */
  readonly note: (subject: Subject, what: string) => void;
  /** Decides about one resource of several: a value that cannot be seen is noted, and the others are still decided. */
  readonly each: <T extends Subject>(subjects: readonly T[], decide: (subject: T) => void) => void;
}

/** A rule as its file writes it. */
export interface RuleSpec<Shape extends z.ZodRawShape> {
  /** Name of the rule and of its file. */
  readonly id: string;
  readonly severity: Severity;
  /** Enforcement level unless the pack's configuration says another. */
  readonly level: Level;
  /** What is wrong, in one sentence. */
  readonly fault: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Every field has a default and a description. */
  readonly config: z.ZodObject<Shape>;
  /** Decides from a resource's inputs, before it is made. */
  readonly resource?: (subject: Subject, context: Context<z.output<z.ZodObject<Shape>>>) => void;
  /** Decides from all resources together, at the end of a preview or an update. */
  readonly stack?: (
    subjects: readonly StackSubject[],
    context: Context<z.output<z.ZodObject<Shape>>>,
  ) => void;
}

/** A rule whose configuration is checked when it is run. */
export interface Rule extends Omit<RuleSpec<z.ZodRawShape>, "config" | "resource" | "stack"> {
  readonly config: z.ZodObject;
  readonly resource?: (subject: Subject, context: Context<unknown>) => void;
  readonly stack?: (subjects: readonly StackSubject[], context: Context<unknown>) => void;
}

/** Makes a rule of its specification; the configuration is parsed before the rule sees it. */
export function defineRule<Shape extends z.ZodRawShape>(spec: RuleSpec<Shape>): Rule {
  const { resource, stack, config, ...words } = spec;
  const parsed = (context: Context<unknown>) => ({
    ...context,
    config: config.parse(context.config),
  });
  return {
    ...words,
    config,
    ...(resource && { resource: (subject, context) => resource(subject, parsed(context)) }),
    ...(stack && { stack: (subjects, context) => stack(subjects, parsed(context)) }),
  };
}
