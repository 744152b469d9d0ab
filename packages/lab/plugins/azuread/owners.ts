// Owners of applications and service principals: the caller is the first, and leaves when not asked for.
import { attempt } from "./diagnostics";
import { text, texts } from "./json";
import type { Operation } from "./operation";
import type { Properties } from "../provider/values";

/** Graph takes this many owners with a creation. */
const MOST_OWNERS_AT_ONCE = 20;

export interface OwnerPlan {
  /** References for the creation, the caller first. */
  readonly first: readonly string[];
  readonly later: readonly string[];
  readonly callerLeaves: boolean;
}

export function planOwners(planned: Properties, op: Operation): OwnerPlan {
  const caller = op.caller.objectId;
  const asked = texts(planned, "owners");
  const others = asked.filter((each) => each.toLowerCase() !== caller.toLowerCase());
  const references = others.map((each) => reference(each, op));
  return {
    first: [reference(caller, op), ...references.slice(0, MOST_OWNERS_AT_ONCE - 1)],
    later: references.slice(MOST_OWNERS_AT_ONCE - 1),
    callerLeaves: others.length === asked.length,
  };
}

/** @param path of the owned object; @param name as messages name it */
export async function settleOwners(
  path: string,
  name: string,
  owners: OwnerPlan,
  op: Operation,
): Promise<void> {
  for (const each of owners.later) await addOwner(path, name, each, op);
  if (!owners.callerLeaves) return;
  await attempt(`Could not remove initial owner from ${name}`, () =>
    op.graph.delete(`${path}/owners/${op.caller.objectId}/$ref`, op.patient),
  );
}

export async function readOwners(path: string, name: string, op: Operation): Promise<string[]> {
  const found = await attempt(
    `Could not retrieve owners for ${name}`,
    () => op.graph.list(`${path}/owners`, op.once),
    "owners",
  );
  return found.map((each) => text(each, "id"));
}

/** Makes the owners those asked for; does nothing when none were asked for, now or before. */
export async function updateOwners(
  path: string,
  name: string,
  planned: Properties,
  prior: Properties,
  op: Operation,
): Promise<void> {
  const desired = texts(planned, "owners");
  const before = texts(prior, "owners");
  if (desired.length === before.length && desired.every((each) => before.includes(each))) return;
  const existing = await readOwners(path, name, op);
  for (const each of desired.filter((owner) => !existing.includes(owner))) {
    await addOwner(path, name, reference(each, op), op);
  }
  for (const each of existing.filter((owner) => !desired.includes(owner))) {
    await attempt(`Could not remove owners from ${name}`, () =>
      op.graph.delete(`${path}/owners/${each}/$ref`, op.once),
    );
  }
}

export function reference(objectId: string, op: Operation, version = "v1.0"): string {
  return `${op.graph.url}/${version}/directoryObjects/${objectId}`;
}

async function addOwner(path: string, name: string, owner: string, op: Operation): Promise<void> {
  await attempt(`Could not add owners to ${name}`, () =>
    op.graph.post(`${path}/owners/$ref`, { "@odata.id": owner }, op.patient),
  );
}
