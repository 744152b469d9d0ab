// Owners of applications, service principals and groups: list, add and remove by reference.
import { parseBody } from "./bodies";
import { badRequest, notFound } from "./errors";
import {
  applicationOf,
  applicationOwners,
  groupOf,
  groupOwners,
  principalOf,
  principalOwners,
  referencedId,
} from "./lookup";
import { type GraphCall, type Operation, collection, noContent } from "./operations";
import { objectShape } from "./shapes";
import { Reference } from "./schemas";

interface OwnedSet {
  readonly set: string;
  readonly doc: string;
  readonly find: (call: GraphCall) => { readonly ownerObjectIds: Set<string> };
  readonly owners: (call: GraphCall) => ReadonlySet<string> | undefined;
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly add: readonly string[];
  readonly owned: readonly string[];
}

const APPLICATION_READ = [
  "Application.ReadWrite.OwnedBy",
  "Application.Read.All",
  "Application.ReadWrite.All",
  "Directory.Read.All",
  "Directory.ReadWrite.All",
];
const GROUP_WRITE = ["Group.ReadWrite.All", "Directory.ReadWrite.All"];

const SETS: readonly OwnedSet[] = [
  {
    set: "applications",
    doc: "application",
    find: applicationOf,
    owners: applicationOwners,
    read: APPLICATION_READ,
    write: ["Application.ReadWrite.All"],
    add: ["Application.ReadWrite.All and Directory.Read.All", "Directory.ReadWrite.All"],
    owned: ["Application.ReadWrite.OwnedBy"],
  },
  {
    set: "servicePrincipals",
    doc: "serviceprincipal",
    find: principalOf,
    owners: principalOwners,
    read: APPLICATION_READ,
    write: ["Application.ReadWrite.All"],
    add: ["Application.ReadWrite.All and Directory.Read.All", "Directory.ReadWrite.All"],
    owned: ["Application.ReadWrite.OwnedBy"],
  },
  {
    set: "groups",
    doc: "group",
    find: groupOf,
    owners: groupOwners,
    read: ["GroupMember.Read.All", "Group.Read.All", "Directory.Read.All", ...GROUP_WRITE],
    write: GROUP_WRITE,
    add: GROUP_WRITE,
    owned: ["Group.Create"],
  },
];

export const OWNER_OPERATIONS: readonly Operation[] = SETS.flatMap((one): Operation[] => [
  {
    method: "GET",
    path: `/${one.set}/:id/owners`,
    doc: `${one.doc}-list-owners`,
    permissions: one.read,
    ownerPermissions: one.owned,
    owners: one.owners,
    handle: (call) => {
      const shapes = [...one.find(call).ownerObjectIds]
        .map((id) => objectShape(id, call.directory, call.version, call.query["$select"]))
        .filter((shape) => shape !== undefined);
      return collection(call, "directoryObjects", shapes, "DirectoryObject");
    },
  },
  {
    method: "POST",
    path: `/${one.set}/:id/owners/$ref`,
    doc: `${one.doc}-post-owners`,
    permissions: one.add,
    ownerPermissions: one.owned,
    owners: one.owners,
    handle: (call) => {
      const record = one.find(call);
      const ownerId = referencedId(parseBody(Reference, call.body, "Owner")["@odata.id"]);
      if (call.directory.object(ownerId) === undefined) throw notFound(ownerId);
      if (record.ownerObjectIds.has(ownerId)) {
        const text =
          "One or more added object references already exist for the following modified properties: 'owners'.";
        throw badRequest(text);
      }
      record.ownerObjectIds.add(ownerId);
      return noContent;
    },
  },
  {
    method: "DELETE",
    path: `/${one.set}/:id/owners/:ownerId/$ref`,
    doc: `${one.doc}-delete-owners`,
    permissions: one.write,
    ownerPermissions: one.owned,
    owners: one.owners,
    handle: (call) => {
      const ownerId = (call.params["ownerId"] ?? "").toLowerCase();
      if (!one.find(call).ownerObjectIds.delete(ownerId)) throw notFound(ownerId);
      return noContent;
    },
  },
]);
