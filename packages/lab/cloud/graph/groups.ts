// Groups: create, read, list, update, delete, and the groups that a group is in.
import type { GroupRecord } from "../directory-records";
import { parseBody, requireValues, withoutReferences } from "./bodies";
import { badRequest, denied, notFound } from "./errors";
import { groupOf, groupOwners, referencedId } from "./lookup";
import { addMember, isShown } from "./members";
import {
  type GraphAnswer,
  type GraphCall,
  type Operation,
  collection,
  entity,
  noContent,
} from "./operations";
import { hasRole } from "./permissions";
import { groupShape } from "./shapes";
import { Group } from "./schemas";

const WRITE = ["Group.ReadWrite.All", "Directory.ReadWrite.All"];
const READ = ["Group.Read.All", "GroupMember.Read.All", "Directory.Read.All", ...WRITE];
/** An owner needs no more than Group.Create (azuread_group, API permissions). */
const OWNED = ["Group.Create"];

export const GROUP_OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/groups",
    doc: "group-list",
    permissions: READ,
    handle: (call) => {
      const groups = [...call.directory.groups.values()].filter((one) =>
        call.directory.visible(one),
      );
      return collection(call, "groups", groups.map(groupShape), "Group");
    },
  },
  {
    method: "POST",
    path: "/groups",
    doc: "group-post-groups",
    permissions: ["Group.Create", ...WRITE],
    handle: create,
  },
  {
    method: "GET",
    path: "/groups/:id",
    doc: "group-get",
    permissions: READ,
    ownerPermissions: OWNED,
    owners: groupOwners,
    handle: (call) => entity(call, "groups", groupShape(groupOf(call))),
  },
  {
    method: "PATCH",
    path: "/groups/:id",
    doc: "group-update",
    permissions: WRITE,
    ownerPermissions: OWNED,
    owners: groupOwners,
    handle: update,
  },
  {
    method: "DELETE",
    path: "/groups/:id",
    doc: "group-delete",
    permissions: WRITE,
    ownerPermissions: OWNED,
    owners: groupOwners,
    handle: (call) => {
      call.directory.deleteGroup(groupOf(call));
      return noContent;
    },
  },
  {
    method: "GET",
    path: "/groups/:id/memberOf",
    doc: "group-list-memberof",
    permissions: READ,
    ownerPermissions: OWNED,
    owners: groupOwners,
    handle: (call) => {
      const { groupObjectId } = groupOf(call);
      const shapes = [...call.directory.groups.values()]
        .filter((one) => holds(call, one, groupObjectId))
        .map((one) => ({ "@odata.type": "#microsoft.graph.group", ...groupShape(one) }));
      return collection(call, "directoryObjects", shapes, "DirectoryObject");
    },
  },
];

function create(call: GraphCall): GraphAnswer {
  const body = parseBody(Group, call.body, "Group");
  requireValues(body, ["displayName", "mailEnabled", "mailNickname", "securityEnabled"], "Group");
  const unified = body.groupTypes?.includes("Unified") ?? false;
  if (body.mailEnabled === true && !unified) {
    throw badRequest(
      "The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set.",
    );
  }
  const privileged = hasRole(call, "RoleManagement.ReadWrite.Directory");
  if (body.isAssignableToRole === true && !privileged) throw denied();
  const bound = [...(body["owners@odata.bind"] ?? []), ...(body["members@odata.bind"] ?? [])];
  const unknown = bound.map(referencedId).find((id) => call.directory.object(id) === undefined);
  if (unknown !== undefined) throw notFound(unknown);
  const record = call.directory.createGroup(withoutReferences(body));
  for (const owner of body["owners@odata.bind"] ?? [])
    record.ownerObjectIds.add(referencedId(owner));
  for (const member of body["members@odata.bind"] ?? [])
    addMember(call, record, referencedId(member));
  return entity(call, "groups", groupShape(record), 201);
}

function update(call: GraphCall): GraphAnswer {
  const record = groupOf(call);
  const body = parseBody(Group, call.body, "Group");
  if (
    body.isAssignableToRole !== undefined &&
    body.isAssignableToRole !== (record.properties["isAssignableToRole"] ?? null)
  ) {
    throw badRequest("Property 'isAssignableToRole' is immutable and cannot be updated.");
  }
  Object.assign(record.properties, withoutReferences(body));
  for (const member of body["members@odata.bind"] ?? [])
    addMember(call, record, referencedId(member));
  return noContent;
}

function holds(call: GraphCall, group: GroupRecord, memberObjectId: string): boolean {
  return group.memberships.some(
    (one) => one.memberObjectId === memberObjectId && isShown(one, call.directory),
  );
}
