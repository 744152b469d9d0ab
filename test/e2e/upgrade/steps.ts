// What the engine did, or would do, to each resource of a stack, as its own events say.
import type { EngineEvent, Stack } from "@pulumi/pulumi/automation";

/** One step, and the inputs for which it is more than "same". */
export interface Step {
  readonly urn: string;
  readonly op: string;
  readonly diffs: readonly string[];
}

/** A resource of the state, secrets decrypted. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  /** Whether a plugin has made it; a component is none. */
  readonly custom: boolean;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly protect?: boolean;
}

export async function stepsOf(stack: Stack, operation: "preview" | "up"): Promise<Step[]> {
  const steps: Step[] = [];
  const onEvent = ({ resourcePreEvent }: EngineEvent): void => {
    const metadata = resourcePreEvent?.metadata;
    if (metadata === undefined) return;
    steps.push({ urn: metadata.urn, op: metadata.op, diffs: metadata.diffs ?? [] });
  };
  await stack[operation]({ color: "never", onEvent });
  return steps;
}

/** The resources that a stack holds; its reference to itself is read anew by each run, and is none. */
export async function resourcesOf(stack: Stack): Promise<StateResource[]> {
  const exported = (await stack.exportStack()) as { deployment: { resources: StateResource[] } };
  const { resources } = exported.deployment;
  return resources.filter(({ type }) => type !== "pulumi:pulumi:StackReference");
}

/** "create-replacement sesar-archive-script (remotePath)", with the last part of the URN. */
export function sentenceOf({ op, urn, diffs }: Step): string {
  const name = urn.split("::").at(-1) ?? urn;
  return diffs.length === 0 ? `${op} ${name}` : `${op} ${name} (${[...diffs].sort().join(", ")})`;
}
