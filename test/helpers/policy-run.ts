// Runs the pack's policies as the engine would: each resource's inputs first, then the whole stack, behind the SDK's
// own proxy, which throws where a value is unknown.
import * as sdk from "@pulumi/policy";
import { policies } from "../../policy/pack";
import { RULES } from "../../policy/rules";
import { SETTINGS_RULE } from "../../policy/rules/packSettings";
import type { Rule } from "../../policy/rule";

/** The SDK exports it, but leaves it out of its types. */
const { unknownCheckingProxy } = sdk as unknown as {
  unknownCheckingProxy: (props: object) => Record<string, unknown>;
};

/** What the engine writes in a preview where a value is not known yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A resource as a test gives it. */
export interface Given {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Laid over the inputs once the resource is made. */
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly protect?: boolean;
  /** By input, the names of the resources that it comes from. */
  readonly from?: Readonly<Record<string, readonly string[]>>;
}

export interface Said {
  readonly rule: string;
  readonly kind: "violation" | "note";
  readonly at: string;
  readonly message: string;
}

export interface PolicyRunOptions {
  /** By rule, as the pack's configuration gives it. */
  readonly config?: Readonly<Record<string, object>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly rules?: readonly Rule[];
  /** The pack's own settings, in place of those of a lab on TODAY. */
  readonly packSettings?: object;
}

/** The day on which the tests are, unless one says another. */
export const TODAY = "2026-11-21";

const STACK: Given = { type: "pulumi:pulumi:Stack", name: "stack", inputs: {} };

interface Report {
  readonly message: string;
  readonly urn: string;
  readonly enforcementLevel?: string;
}

/** Runs every policy over the resources, and a stack. */
export function run(given: readonly Given[], options: PolicyRunOptions = {}): Said[] {
  const all = [STACK, ...given];
  const config = {
    ...options.config,
    [SETTINGS_RULE]: options.packSettings ?? {
      lab: true,
      today: TODAY,
      ...options.config?.[SETTINGS_RULE],
    },
  };
  const said: Said[] = [];
  const made = policies(options.rules ?? RULES, options.environment ?? {});
  const report = (rule: string) => (text: unknown) => {
    const { message, urn, enforcementLevel } = text as Report;
    const kind = enforcementLevel === "advisory" ? "note" : "violation";
    said.push({ rule, kind, at: urn.split("::").at(-1) ?? "", message });
  };
  const common = (name: string) => ({
    getConfig: () => (config as Record<string, object>)[name] ?? {},
    stackTags: new Map(),
    notApplicable: () => undefined,
  });
  for (const one of all) {
    for (const policy of made) {
      const args = { ...subjectOf(one, one.inputs), ...common(policy.name) };
      (policy.validateResource as Validate | undefined)?.(args, report(policy.name));
    }
  }
  const resources = stackOf(all);
  for (const policy of made) {
    const args = { resources, ...common(policy.name) };
    (policy.validateStack as Validate | undefined)?.(args, report(policy.name));
  }
  return said;
}

type Validate = (args: unknown, report: (text: unknown) => void) => void;

function subjectOf({ type, name, protect = false }: Given, props: Given["inputs"]) {
  return {
    type,
    name,
    urn: `urn:pulumi:dev::test::${type}::${name}`,
    opts: { protect },
    props: unknownCheckingProxy(structuredClone(props)),
  };
}

function stackOf(all: readonly Given[]) {
  const made = all.map((one) => ({
    ...subjectOf(one, { ...one.inputs, ...one.outputs }),
    propertyDependencies: {},
  }));
  for (const [index, one] of all.entries()) {
    for (const [input, names] of Object.entries(one.from ?? {})) {
      const sources = made.filter(({ name }) => names.includes(name));
      if (sources.length !== names.length) throw new Error(`${one.name} comes from a stranger`);
      Object.assign(made[index]?.propertyDependencies ?? {}, { [input]: sources });
    }
  }
  return made;
}
