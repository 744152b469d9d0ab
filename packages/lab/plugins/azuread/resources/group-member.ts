// azuread.GroupMember: one member of one group, on Graph's beta endpoint.
import type { Properties } from "../../provider/values";
import { INTERVAL_SECONDS } from "../consistency";
import { alreadyExists, attempt, Diagnostic } from "../diagnostics";
import { groupName, pairOf } from "../ids";
import { query, quoted, text } from "../json";
import type { Operation } from "../operation";
import { reference } from "../owners";
import { defineResource } from "../resource";
import type { Field } from "../schema";
import { uuid } from "../validators";

const ID_INPUT: Field = { kind: "string", mode: "required", forceNew: true, validate: uuid };

export const groupMember = defineResource({
  terraformType: "azuread_group_member",
  fields: { groupObjectId: ID_INPUT, memberObjectId: ID_INPUT },
  createMinutes: 5,
  create,
  read: async (id, _state, op) => {
    const [groupObjectId, memberObjectId] = parse(id);
    const found = await isMember(groupObjectId, memberObjectId, op);
    return found ? { groupObjectId, memberObjectId } : undefined;
  },
  delete: remove,
  refuseImport: (id) => (pairOf(id, "member") === undefined ? refusal(id) : undefined),
});

async function create(planned: Properties, op: Operation): Promise<string> {
  const groupObjectId = text(planned, "groupObjectId");
  const memberObjectId = text(planned, "memberObjectId");
  const id = `${groupObjectId}/member/${memberObjectId}`;
  const path = pathOf(groupObjectId);
  return op.locks.hold(path, async () => {
    const found = await op.find(path, `Retrieving ${groupName(groupObjectId)}`);
    if (found === undefined) {
      throw new Diagnostic(`${groupName(groupObjectId)} was not found`, { path: "object_id" });
    }
    const members = await attempt(`Listing existing members for ${groupName(groupObjectId)}`, () =>
      op.graph.list(`${path}/members`, op.once),
    );
    if (members.some((each) => text(each, "id").toLowerCase() === memberObjectId.toLowerCase())) {
      throw alreadyExists("azuread_group_member", id);
    }
    const body = { "@odata.id": reference(memberObjectId, op, "beta") };
    await attempt(`Adding ${nameOf(groupObjectId, memberObjectId)}`, () =>
      op.graph.post(`${path}/members/$ref`, body, op.patient),
    );
    op.made(id);
    return id;
  });
}

async function remove(id: string, _state: Properties, op: Operation): Promise<void> {
  const [groupObjectId, memberObjectId] = parse(id);
  const name = nameOf(groupObjectId, memberObjectId);
  const path = pathOf(groupObjectId);
  await op.locks.hold(path, async () => {
    await attempt(`Removing ${name}`, () =>
      op.graph.delete(`${path}/members/${memberObjectId}/$ref`, op.once),
    );
    const summary = `Waiting for removal of ${name}`;
    await op.wait(summary, "Deleted", INTERVAL_SECONDS, async () => {
      return !(await isMember(groupObjectId, memberObjectId, op));
    });
  });
}

async function isMember(
  groupObjectId: string,
  memberObjectId: string,
  op: Operation,
): Promise<boolean> {
  const path = `${pathOf(groupObjectId)}/members`;
  const filter = query({ $filter: `id eq ${quoted(memberObjectId)}` });
  const summary = `Retrieving member "${memberObjectId}" for ${groupName(groupObjectId)}`;
  const found = await op.find(`${path}${filter}`, summary);
  const members = Array.isArray(found?.["value"]) ? found["value"] : [];
  return members.length > 0;
}

function parse(id: string): readonly [string, string] {
  const pair = pairOf(id, "member");
  if (pair !== undefined) return pair;
  throw new Diagnostic(`Parsing Group Member ID "${id}"`, { path: "id", cause: refusal(id) });
}

function refusal(id: string): string {
  return `Member ID should be in the format {groupObjectId}/member/{memberObjectId} - but got "${id}"`;
}

function nameOf(groupObjectId: string, memberObjectId: string): string {
  return `Group Id Member (Group: "${groupObjectId}"\nDirectory Object: "${memberObjectId}")`;
}

function pathOf(objectId: string): string {
  return `/beta/groups/${objectId}`;
}
