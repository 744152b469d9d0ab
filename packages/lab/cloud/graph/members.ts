// Members of groups, direct and transitive; an added or removed member may show late.
import type { Directory } from "../directory";
import type { GroupRecord, MembershipRecord } from "../directory-records";
import { parseBody } from "./bodies";
import { badRequest, notFound } from "./errors";
import { groupOf, groupOwners, referencedId } from "./lookup";
import { ANY_ROLE, type GraphCall, type Operation, collection, noContent } from "./operations";
import { objectShape } from "./shapes";
import { Reference } from "./schemas";

const WRITE = ["GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"];
const READ = ["GroupMember.Read.All", "Group.Read.All", "Directory.Read.All", ...WRITE];
/** An owner needs no role at all (azuread_group_member, API permissions). */
const OWNED = [ANY_ROLE];

const LISTS = [
  { relation: "members", doc: "group-list-members", idsOf: directMembers },
  { relation: "transitiveMembers", doc: "group-list-transitivemembers", idsOf: transitiveMembers },
] as const;
const CASTS = [undefined, "user", "group", "servicePrincipal"] as const;

export const MEMBER_OPERATIONS: readonly Operation[] = [
  ...LISTS.flatMap(({ relation, doc, idsOf }) =>
    CASTS.map((cast): Operation => ({
      method: "GET",
      path: `/groups/:id/${relation}${cast === undefined ? "" : `/microsoft.graph.${cast}`}`,
      doc,
      permissions: READ,
      ownerPermissions: OWNED,
      owners: groupOwners,
      handle: (call) => {
        const ids = idsOf(groupOf(call), call.directory);
        return collection(call, "directoryObjects", shapes(call, ids, cast), "DirectoryObject");
      },
    })),
  ),
  {
    method: "POST",
    path: "/groups/:id/members/$ref",
    doc: "group-post-members",
    permissions: WRITE,
    ownerPermissions: OWNED,
    owners: groupOwners,
    handle: (call) => {
      const group = groupOf(call);
      addMember(call, group, referencedId(parseBody(Reference, call.body, "Group")["@odata.id"]));
      return noContent;
    },
  },
  {
    method: "DELETE",
    path: "/groups/:id/members/:memberId/$ref",
    doc: "group-delete-members",
    permissions: WRITE,
    ownerPermissions: OWNED,
    owners: groupOwners,
    handle: (call) => {
      const memberId = (call.params["memberId"] ?? "").toLowerCase();
      const membership = live(groupOf(call), memberId);
      if (membership === undefined) throw notFound(memberId);
      membership.goneFrom =
        call.directory.now() + call.directory.settings.memberDelaySeconds * 1000;
      return noContent;
    },
  },
];

export function addMember(call: GraphCall, group: GroupRecord, memberObjectId: string): void {
  const { directory } = call;
  if (directory.object(memberObjectId) === undefined) throw notFound(memberObjectId);
  if (live(group, memberObjectId)) {
    throw badRequest(
      "One or more added object references already exist for the following modified properties: 'members'.",
    );
  }
  const at = group.memberships.findIndex((one) => one.memberObjectId === memberObjectId);
  if (at >= 0) group.memberships.splice(at, 1);
  const visibleFrom = directory.now() + directory.settings.memberDelaySeconds * 1000;
  group.memberships.push({ memberObjectId, visibleFrom });
}

/** Whether reads show the membership now. */
export function isShown(membership: MembershipRecord, directory: Directory): boolean {
  const now = directory.now();
  const gone = membership.goneFrom !== undefined && membership.goneFrom <= now;
  return membership.visibleFrom <= now && !gone;
}

function live(group: GroupRecord, memberObjectId: string): MembershipRecord | undefined {
  return group.memberships.find(
    (one) => one.memberObjectId === memberObjectId && one.goneFrom === undefined,
  );
}

function directMembers(group: GroupRecord, directory: Directory): string[] {
  return group.memberships
    .filter((one) => isShown(one, directory))
    .map((one) => one.memberObjectId);
}

function transitiveMembers(group: GroupRecord, directory: Directory): string[] {
  const found = new Set<string>();
  const open = [group];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const id of directMembers(next, directory)) {
      if (found.has(id) || id === group.groupObjectId) continue;
      found.add(id);
      const nested = directory.groups.get(id);
      if (nested) open.push(nested);
    }
  }
  return [...found];
}

function shapes(
  call: GraphCall,
  ids: readonly string[],
  cast: string | undefined,
): Record<string, unknown>[] {
  return ids
    .map((id) => objectShape(id, call.directory, call.version, call.query["$select"]))
    .filter((shape) => shape !== undefined)
    .filter((shape) => cast === undefined || shape["@odata.type"] === `#microsoft.graph.${cast}`);
}
