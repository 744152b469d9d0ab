// Service principals: create for an application of this tenant, read, list, update, delete; Microsoft's own stay.
import type { ServicePrincipalRecord } from "../directory-records";
import { parseBody, requireValues, withoutReferences } from "./bodies";
import { GraphError, badRequest, denied, notFound } from "./errors";
import { principalOf, principalOwners, referencedId } from "./lookup";
import {
  type GraphAnswer,
  type GraphCall,
  type Operation,
  collection,
  entity,
  noContent,
} from "./operations";
import { hasRole } from "./permissions";
import { principalShape } from "./shapes";
import { ServicePrincipal } from "./schemas";

const READ = [
  "Application.Read.All",
  "Application.ReadWrite.OwnedBy",
  "Application.ReadWrite.All",
  "Directory.Read.All",
];
const WRITE = ["Application.ReadWrite.All"];
const OWNED = ["Application.ReadWrite.OwnedBy"];

export const SERVICE_PRINCIPAL_OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/servicePrincipals",
    doc: "serviceprincipal-list",
    permissions: READ,
    handle: (call) => {
      const shapes = [...call.directory.servicePrincipals.values()]
        .filter((record) => call.directory.visible(record))
        .map((record) => shape(call, record));
      return collection(call, "servicePrincipals", shapes, "ServicePrincipal");
    },
  },
  {
    method: "POST",
    path: "/servicePrincipals",
    doc: "serviceprincipal-post-serviceprincipals",
    permissions: [...OWNED, ...WRITE],
    handle: create,
  },
  {
    method: "GET",
    path: "/servicePrincipals/:id",
    doc: "serviceprincipal-get",
    permissions: READ,
    handle: (call) => entity(call, "servicePrincipals", shape(call, principalOf(call))),
  },
  {
    method: "PATCH",
    path: "/servicePrincipals/:id",
    doc: "serviceprincipal-update",
    permissions: WRITE,
    ownerPermissions: OWNED,
    owners: principalOwners,
    handle: update,
  },
  {
    method: "DELETE",
    path: "/servicePrincipals/:id",
    doc: "serviceprincipal-delete",
    permissions: WRITE,
    ownerPermissions: OWNED,
    owners: principalOwners,
    handle: (call) => {
      const record = principalOf(call);
      if (record.firstParty) throw denied();
      call.directory.deleteServicePrincipal(record);
      return noContent;
    },
  },
];

function create(call: GraphCall): GraphAnswer {
  const { directory, caller } = call;
  const body = parseBody(ServicePrincipal, call.body, "ServicePrincipal");
  requireValues(body, ["appId"], "ServicePrincipal");
  const clientId = (body.appId ?? "").toLowerCase();
  const application = directory.applicationByClientId(clientId);
  if (!application || !directory.visible(application)) {
    const text = `The appId '${clientId}' of the service principal does not reference a valid application object.`;
    throw new GraphError(400, "NoBackingApplicationObject", text);
  }
  const everyApplication = hasRole(call, "Application.ReadWrite.All");
  if (!everyApplication && !application.ownerObjectIds.has(caller.servicePrincipalObjectId)) {
    const text =
      "When using this permission, the backing application of the service principal being created must in the local tenant and owned by the calling application.";
    throw new GraphError(403, "Authorization_RequestDenied", text);
  }
  if (directory.servicePrincipalByClientId(clientId)) {
    const text = `The service principal cannot be created, updated, or restored because the service principal name ${clientId} is already in use.`;
    throw new GraphError(409, "Request_MultipleObjectsWithSameKeyValue", text);
  }
  const owners = (body["owners@odata.bind"] ?? []).map(referencedId);
  const unknown = owners.find((owner) => directory.object(owner) === undefined);
  if (unknown !== undefined) throw notFound(unknown);
  const properties = withoutReferences(body);
  delete properties["appId"];
  const record = directory.createServicePrincipal(clientId, properties);
  for (const owner of owners) record.ownerObjectIds.add(owner);
  if (!everyApplication) record.ownerObjectIds.add(caller.servicePrincipalObjectId);
  return entity(call, "servicePrincipals", shape(call, record), 201);
}

function update(call: GraphCall): GraphAnswer {
  const record = principalOf(call);
  const body = parseBody(ServicePrincipal, call.body, "ServicePrincipal");
  if (body.appId !== undefined && body.appId.toLowerCase() !== record.clientId) {
    throw badRequest("Property 'appId' is read-only and cannot be set.");
  }
  if (record.firstParty) throw denied();
  const properties = withoutReferences(body);
  delete properties["appId"];
  Object.assign(record.properties, properties);
  return noContent;
}

function shape(call: GraphCall, record: ServicePrincipalRecord): Record<string, unknown> {
  return principalShape(record, call.directory, call.version);
}
