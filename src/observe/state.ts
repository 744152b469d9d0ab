// Looks into the stack's own state by type and name of a resource: what the engine itself reads out of it.
import { z } from "zod";
import { type ArmResourceType, armTypeOf } from "../arm-types";
import type { HeldResource } from "../decide/api-versions";

/** Type and outputs of every resource of the state, by URN. */
export type Resources = Readonly<Record<string, unknown>>;

const resource = z.object({ outputs: z.record(z.string(), z.unknown()) });

/** Names of the resources of a type. */
export function resourceNames(resources: Resources, type: string): ReadonlySet<string> {
  const urns = Object.keys(resources).filter((urn) => typeOf(urn) === type);
  return new Set(urns.map(nameOf));
}

/** A resource of Azure in the state. */
export interface AzureResource {
  readonly name: string;
  readonly type: ArmResourceType;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The resources of Azure, or of one type, whatever version of its API they were declared at. */
export function azureResources(resources: Resources, type?: ArmResourceType): AzureResource[] {
  return Object.entries(resources).flatMap(([urn, held]) => {
    const found = armTypeOf(typeOf(urn));
    if (found === undefined || (type !== undefined && found !== type)) return [];
    const outputs = resource.safeParse(held).data?.outputs ?? {};
    return [{ name: nameOf(urn), type: found, outputs }];
  });
}

/** The resources of Azure with the version by which each was last asked. */
export function heldVersions(resources: Resources): HeldResource[] {
  return azureResources(resources).flatMap(({ name, type, outputs }) => {
    const { azureApiVersion: apiVersion } = outputs;
    return typeof apiVersion === "string" ? [{ name, type, apiVersion }] : [];
  });
}

/** One output of one resource; undefined when the state does not hold it. */
export function stateOutput(
  resources: Resources,
  type: string,
  name: string,
  output: string,
): unknown {
  const urn = Object.keys(resources).find((one) => typeOf(one) === type && nameOf(one) === name);
  const parsed = resource.safeParse(urn === undefined ? undefined : resources[urn]);
  return parsed.success ? parsed.data.outputs[output] : undefined;
}

/** `urn:pulumi:stack::project::parent$type::name` */
function typeOf(urn: string): string {
  return (urn.split("::")[2] ?? "").split("$").pop() ?? "";
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
