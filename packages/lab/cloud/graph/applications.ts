// Applications: create, read, list, update, delete softly; and what lies among the deleted items.
import type { ApplicationRecord } from "../directory-records";
import { parseBody, requireValues, withoutReferences } from "./bodies";
import { badRequest, notFound } from "./errors";
import { applicationOf, applicationOwners, referencedId } from "./lookup";
import {
  type GraphAnswer,
  type GraphCall,
  type Operation,
  collection,
  entity,
  noContent,
} from "./operations";
import { hasRole } from "./permissions";
import { applicationShape } from "./shapes";
import { Application } from "./schemas";

const READ = [
  "Application.Read.All",
  "Application.ReadWrite.OwnedBy",
  "Application.ReadWrite.All",
  "Directory.Read.All",
];
const WRITE = ["Application.ReadWrite.All"];
const OWNED = ["Application.ReadWrite.OwnedBy"];

export const APPLICATION_OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/applications",
    doc: "application-list",
    permissions: READ,
    handle: (call) => collection(call, "applications", visible(call), "Application"),
  },
  {
    method: "POST",
    path: "/applications",
    doc: "application-post-applications",
    permissions: [...OWNED, ...WRITE],
    handle: create,
  },
  {
    method: "GET",
    path: "/applications/:id",
    doc: "application-get",
    permissions: READ,
    handle: (call) => entity(call, "applications", shape(call, applicationOf(call))),
  },
  {
    method: "PATCH",
    path: "/applications/:id",
    doc: "application-update",
    permissions: WRITE,
    ownerPermissions: OWNED,
    owners: applicationOwners,
    handle: update,
  },
  {
    method: "DELETE",
    path: "/applications/:id",
    doc: "application-delete",
    permissions: WRITE,
    ownerPermissions: OWNED,
    owners: applicationOwners,
    handle: (call) => {
      call.directory.deleteApplication(applicationOf(call));
      return noContent;
    },
  },
  {
    method: "GET",
    path: "/directory/deletedItems/microsoft.graph.application",
    doc: "directory-deleteditems-list",
    permissions: READ,
    handle: (call) => {
      const items = deleted(call).map((record) => shape(call, record));
      return collection(call, "applications", items, "Application");
    },
  },
  {
    method: "GET",
    path: "/directory/deletedItems/:id",
    doc: "directory-deleteditems-get",
    permissions: READ,
    handle: (call) => entity(call, "directoryObjects", shape(call, deletedOne(call))),
  },
  {
    method: "POST",
    path: "/directory/deletedItems/:id/restore",
    doc: "directory-deleteditems-restore",
    permissions: WRITE,
    handle: (call) => {
      const record = deletedOne(call);
      delete record.deletedAt;
      return entity(call, "directoryObjects", shape(call, record));
    },
  },
  {
    method: "DELETE",
    path: "/directory/deletedItems/:id",
    doc: "directory-deleteditems-delete",
    permissions: WRITE,
    handle: (call) => {
      call.directory.applications.delete(deletedOne(call).applicationObjectId);
      return noContent;
    },
  },
];

function create(call: GraphCall): GraphAnswer {
  const body = parseBody(Application, call.body, "Application");
  requireValues(body, ["displayName"], "Application");
  refuseCredentials(body);
  const owners = (body["owners@odata.bind"] ?? []).map(referencedId);
  const unknown = owners.find((owner) => call.directory.object(owner) === undefined);
  if (unknown !== undefined) throw notFound(unknown);
  const record = call.directory.createApplication(withoutReferences(body));
  for (const owner of owners) record.ownerObjectIds.add(owner);
  // With nothing but OwnedBy the caller becomes an owner, or it could never touch its application again.
  if (!hasRole(call, "Application.ReadWrite.All")) {
    record.ownerObjectIds.add(call.caller.servicePrincipalObjectId);
  }
  return entity(call, "applications", shape(call, record), 201);
}

function update(call: GraphCall): GraphAnswer {
  const record = applicationOf(call);
  const body = parseBody(Application, call.body, "Application");
  refuseCredentials(body);
  Object.assign(record.properties, withoutReferences(body));
  return noContent;
}

function refuseCredentials(body: Readonly<Record<string, unknown>>): void {
  const given = [body["passwordCredentials"], body["keyCredentials"]];
  if (given.some((list) => Array.isArray(list) && list.length > 0)) {
    throw badRequest("Update to existing credential with KeyId '<not available>' is not allowed.");
  }
}

function visible(call: GraphCall): Record<string, unknown>[] {
  return call.directory
    .liveApplications()
    .filter((record) => call.directory.visible(record))
    .map((record) => shape(call, record));
}

function deleted(call: GraphCall): ApplicationRecord[] {
  return [...call.directory.applications.values()].filter((one) => one.deletedAt !== undefined);
}

function deletedOne(call: GraphCall): ApplicationRecord {
  const id = call.params["id"] ?? "";
  const found = deleted(call).find((one) => one.applicationObjectId === id.toLowerCase());
  if (found) return found;
  throw notFound(id);
}

function shape(call: GraphCall, record: ApplicationRecord): Record<string, unknown> {
  return applicationShape(record, call.directory, call.version);
}
