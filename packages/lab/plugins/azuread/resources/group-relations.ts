// Members and owners of a group: looked up, added and taken away on Graph's beta endpoint.
import type { Properties } from "../../provider/values";
import { attempt } from "../diagnostics";
import { groupName } from "../ids";
import { text, texts } from "../json";
import type { Operation } from "../operation";
import { reference } from "../owners";

export function pathOf(objectId: string): string {
  return `/beta/groups/${objectId}`;
}

/** @param path the property that a failure is reported at */
export async function related(
  objectId: string,
  relation: string,
  path: string,
  op: Operation,
): Promise<Properties[]> {
  return attempt(
    `Could not retrieve ${path} for ${groupName(objectId)}`,
    () => op.graph.list(`${pathOf(objectId)}/${relation}`, op.once),
    path,
  );
}

/** Makes members or owners those asked for; does nothing when they were so before. */
export async function updateRelated(
  objectId: string,
  relation: "members" | "owners",
  planned: Properties,
  prior: Properties,
  op: Operation,
): Promise<void> {
  const desired = texts(planned, relation);
  const before = texts(prior, relation);
  if (desired.length === before.length && desired.every((each) => before.includes(each))) return;
  const existing = (await related(objectId, relation, relation, op)).map((each) =>
    text(each, "id"),
  );
  const path = `${pathOf(objectId)}/${relation}`;
  for (const each of existing.filter((one) => !desired.includes(one))) {
    await attempt(`Could not remove ${relation} from ${groupName(objectId)}`, () =>
      op.graph.delete(`${path}/${each}/$ref`, op.once),
    );
  }
  for (const each of desired.filter((one) => !existing.includes(one))) {
    await attempt(`Could not add ${relation} to ${groupName(objectId)}`, () =>
      op.graph.post(`${path}/$ref`, { "@odata.id": reference(each, op, "beta") }, op.patient),
    );
  }
}

export async function addMember(objectId: string, member: string, op: Operation): Promise<void> {
  const body = { "@odata.id": reference(member, op, "beta") };
  await attempt(`Could not add members to ${groupName(objectId)}`, () =>
    op.graph.post(`${pathOf(objectId)}/members/$ref`, body, op.patient),
  );
}

/** Those asked for, or else the caller. Each is looked up three times, as the vendor's plugin does. */
export async function ownersOf(planned: Properties, op: Operation): Promise<string[]> {
  const asked = texts(planned, "owners");
  if (asked.length === 0) return [op.caller.objectId];
  const kinds = new Map<string, string>();
  for (let look = 0; look < 3; look++) {
    for (const owner of asked) {
      const found = await attempt(`Could not retrieve owner principal object "${owner}"`, () =>
        op.graph.get(`/v1.0/directoryObjects/${owner}`, op.once),
      );
      kinds.set(owner, text(found, "@odata.type"));
    }
  }
  const rank = (owner: string): number => {
    if (owner === op.caller.objectId) return 0;
    return kinds.get(owner) === "#microsoft.graph.user" ? 1 : 2;
  };
  return [...asked].sort((one, other) => rank(one) - rank(other));
}
