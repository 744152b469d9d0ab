// Whether a run may first read what is really there. The engine asks by the version of Azure's API under which the state
// holds a resource, before any program has run: once that version has ended, every run would fail at its first reading.
import { z } from "zod";
import { atEndingVersions } from "../../../src/decide/api-versions";
import { heldVersions } from "../../../src/observe/state";

const exported = z.object({
  deployment: z.object({ resources: z.array(z.looseObject({ urn: z.string() })).default([]) }),
});

/** Why a run does not refresh the state that was exported; undefined when nothing is against it. */
export function againstRefresh(state: string): string | undefined {
  const { resources } = exported.parse(JSON.parse(state)).deployment;
  const held = heldVersions(Object.fromEntries(resources.map((one) => [one.urn, one])));
  const ending = atEndingVersions(held);
  if (ending.length === 0) return undefined;
  const names = ending.map(({ name }) => name).join(", ");
  return `Not refreshed first: the state has ${names} at a version of Azure's API that ends. The update moves them, and the next run refreshes again.`;
}
