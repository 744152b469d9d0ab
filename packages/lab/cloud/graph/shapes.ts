// How directory records look on the wire: every property that Graph shows by default, written values on top.
import type { Directory } from "../directory";
import {
  type ApplicationRecord,
  type AppRoleAssignmentRecord,
  type CredentialHolder,
  type GroupRecord,
  type PasswordRecord,
  type ServicePrincipalRecord,
  type UserRecord,
  displayNameOf,
} from "../directory-records";
import { livePasswords } from "../credentials";
import { TENANT_DOMAIN, TENANT_ID } from "../seed";
import * as defaults from "./shape-defaults";
import type { GraphVersion } from "./operations";

type Shape = Record<string, unknown>;

export function applicationShape(
  record: ApplicationRecord,
  directory: Directory,
  version: GraphVersion,
): Shape {
  return {
    id: record.applicationObjectId,
    deletedDateTime: record.deletedAt === undefined ? null : seconds(record.deletedAt),
    appId: record.clientId,
    createdDateTime: seconds(record.createdAt),
    publisherDomain: TENANT_DOMAIN,
    ...defaults.APPLICATION,
    ...(version === "beta" && defaults.APPLICATION_BETA),
    ...record.properties,
    passwordCredentials: passwordShapes(record, directory),
  };
}

export function principalShape(
  record: ServicePrincipalRecord,
  directory: Directory,
  version: GraphVersion,
): Shape {
  const application = directory.applicationByClientId(record.clientId);
  const name = application ? displayNameOf(application) : displayNameOf(record);
  return {
    id: record.servicePrincipalObjectId,
    deletedDateTime: null,
    appId: record.clientId,
    appDisplayName: name,
    displayName: name,
    createdDateTime: seconds(record.createdAt),
    appOwnerOrganizationId: TENANT_ID,
    servicePrincipalNames: [record.clientId],
    signInAudience: application?.properties["signInAudience"] ?? "AzureADMultipleOrgs",
    ...defaults.SERVICE_PRINCIPAL,
    ...(version === "beta" && defaults.SERVICE_PRINCIPAL_BETA),
    ...record.properties,
    ...(application && { appDisplayName: name, displayName: name }),
    appRoles: directory.appRolesOf(record),
    passwordCredentials: passwordShapes(record, directory),
  };
}

/** A password without its value. */
export function passwordShape(password: PasswordRecord): Shape {
  const { customKeyIdentifier, displayName, endDateTime, hint, keyId, startDateTime } = password;
  return {
    customKeyIdentifier,
    displayName,
    endDateTime,
    hint,
    keyId,
    secretText: null,
    startDateTime,
  };
}

export function groupShape(record: GroupRecord): Shape {
  return {
    id: record.groupObjectId,
    deletedDateTime: null,
    createdDateTime: seconds(record.createdAt),
    renewedDateTime: seconds(record.createdAt),
    securityIdentifier: securityIdentifier(record.groupObjectId),
    ...defaults.GROUP,
    ...record.properties,
  };
}

/** Graph's default properties of a user; more only by $select. */
export function userShape(record: UserRecord, select: string | undefined): Shape {
  const all: Shape = { ...record.properties, id: record.userObjectId };
  if (select !== undefined) return all;
  return Object.fromEntries([...defaults.USER, "id"].map((name) => [name, all[name] ?? null]));
}

export function assignmentShape(record: AppRoleAssignmentRecord, directory: Directory): Shape {
  const principal = directory.object(record.principalId);
  const resource = directory.servicePrincipals.get(record.resourceId);
  const types = { servicePrincipal: "ServicePrincipal", group: "Group", user: "User" } as const;
  const type = principal?.type === "application" ? undefined : principal?.type;
  return {
    id: record.assignmentId,
    deletedDateTime: null,
    appRoleId: record.appRoleId,
    createdDateTime: new Date(record.createdAt).toISOString(),
    principalDisplayName: nameOfObject(record.principalId, directory),
    principalId: record.principalId,
    principalType: types[type ?? "servicePrincipal"],
    resourceDisplayName: displayNameOf(resource),
    resourceId: record.resourceId,
  };
}

/** A member, owner or directoryObject with its type; undefined when it does not exist or show yet. */
export function objectShape(
  objectId: string,
  directory: Directory,
  version: GraphVersion,
  select?: string,
): Shape | undefined {
  const found = directory.object(objectId);
  if (found === undefined) return undefined;
  const type = { "@odata.type": `#microsoft.graph.${found.type}` };
  switch (found.type) {
    case "application":
      return { ...type, ...applicationShape(found.record, directory, version) };
    case "servicePrincipal":
      return { ...type, ...principalShape(found.record, directory, version) };
    case "group":
      return { ...type, ...groupShape(found.record) };
    case "user":
      return { ...type, ...userShape(found.record, select) };
  }
}

function nameOfObject(objectId: string, directory: Directory): string {
  const found = directory.object(objectId);
  if (found?.type === "servicePrincipal") {
    const application = directory.applicationByClientId(found.record.clientId);
    return displayNameOf(application ?? found.record);
  }
  return displayNameOf(found?.record);
}

function passwordShapes(holder: CredentialHolder, directory: Directory): Shape[] {
  const shownBefore = directory.now() - directory.settings.objectDelaySeconds * 1000;
  return livePasswords(holder)
    .filter((password) => password.issuedAt <= shownBefore)
    .map(passwordShape);
}

function seconds(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** S-1-12-1 and the object id's four little-endian words. */
function securityIdentifier(objectId: string): string {
  const [a = "", b = "", c = "", d = "", e = ""] = objectId.split("-");
  const bytes = Buffer.concat([
    Buffer.from(a, "hex").reverse(),
    Buffer.from(b, "hex").reverse(),
    Buffer.from(c, "hex").reverse(),
    Buffer.from(d + e, "hex"),
  ]);
  const words = [0, 4, 8, 12].map((offset) => bytes.readUInt32LE(offset));
  return `S-1-12-1-${words.join("-")}`;
}
