// Finds the object that a path names, by object id or alternate key, as far as the directory shows it yet.
import type {
  ApplicationRecord,
  GroupRecord,
  ServicePrincipalRecord,
  UserRecord,
} from "../directory-records";
import { badRequest, notFound } from "./errors";
import type { GraphCall } from "./operations";

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function isGuid(value: unknown): value is string {
  return typeof value === "string" && GUID.test(value);
}

export function applicationOf(call: GraphCall): ApplicationRecord {
  const found = findApplication(call);
  if (found && call.directory.visible(found)) return found;
  throw notFound(plainKey(call));
}

export function principalOf(call: GraphCall): ServicePrincipalRecord {
  const found = findPrincipal(call);
  if (found && call.directory.visible(found)) return found;
  throw notFound(plainKey(call));
}

export function groupOf(call: GraphCall): GroupRecord {
  const found = call.directory.groups.get(objectId(call));
  if (found && call.directory.visible(found)) return found;
  throw notFound(plainKey(call));
}

/** By object id or user principal name. */
export function userOf(call: GraphCall): UserRecord {
  const key = plainKey(call).toLowerCase();
  const { users } = call.directory;
  const byName = (user: UserRecord): boolean => {
    const name = user.properties["userPrincipalName"];
    return typeof name === "string" && name.toLowerCase() === key;
  };
  const found = users.get(key) ?? [...users.values()].find(byName);
  if (found) return found;
  throw notFound(plainKey(call));
}

/** Owners of the application in the path; undefined when there is none. */
export function applicationOwners(call: GraphCall): ReadonlySet<string> | undefined {
  return findApplication(call)?.ownerObjectIds;
}

/** Whoever owns the principal and, if it is in this tenant, its application too (azuread_service_principal). */
export function principalOwners(call: GraphCall): ReadonlySet<string> | undefined {
  const principal = findPrincipal(call);
  if (principal === undefined) return undefined;
  const application = call.directory.applicationByClientId(principal.clientId);
  if (application === undefined) return principal.ownerObjectIds;
  const both = [...principal.ownerObjectIds].filter((id) => application.ownerObjectIds.has(id));
  return new Set(both);
}

export function groupOwners(call: GraphCall): ReadonlySet<string> | undefined {
  return call.directory.groups.get(plainKey(call).toLowerCase())?.ownerObjectIds;
}

/** The object id at the end of an @odata.id or @odata.bind reference. */
export function referencedId(reference: unknown): string {
  const id = typeof reference === "string" ? reference.split("/").at(-1) : undefined;
  if (isGuid(id)) return id.toLowerCase();
  throw badRequest("Invalid URL specified in payload.");
}

function findApplication(call: GraphCall): ApplicationRecord | undefined {
  const key = plainKey(call);
  if (key.startsWith("appId=")) return call.directory.applicationByClientId(key.slice(6));
  const found = call.directory.applications.get(objectId(call));
  return found?.deletedAt === undefined ? found : undefined;
}

function findPrincipal(call: GraphCall): ServicePrincipalRecord | undefined {
  const key = plainKey(call);
  if (key.startsWith("appId=")) return call.directory.servicePrincipalByClientId(key.slice(6));
  return call.directory.servicePrincipals.get(objectId(call));
}

function objectId(call: GraphCall): string {
  const key = plainKey(call);
  if (!GUID.test(key)) throw badRequest(`Invalid object identifier '${key}'.`);
  return key.toLowerCase();
}

function plainKey(call: GraphCall): string {
  return call.params["id"] ?? "";
}
