// What is in the tenant before Keyturn comes: applications and groups that people made in the portal.
import type { Directory } from "./directory";
import { displayNameOf, type ApplicationRecord, type GroupRecord } from "./directory-records";
import { addUserToGroup, grantAppRole, graphRoleId } from "./mutations";
import { GRAPH_CLIENT_ID } from "./resources";
import { DEPLOYER_OBJECT_ID } from "./seed";

export interface ExistingApplication {
  readonly displayName: string;
  /** Microsoft Graph application permissions that it declares. */
  readonly permissions: readonly string[];
  /** Those that an administrator has consented to. */
  readonly consents: readonly string[];
  readonly signInAudience: string;
  /** Whether the deploying identity is among its owners. */
  readonly owned: boolean;
  /** Whether it has a service principal. */
  readonly principal: boolean;
}

/** Somebody registers an application. */
export function makeApplication(directory: Directory, given: ExistingApplication) {
  const { displayName, permissions, signInAudience, owned, principal, consents } = given;
  const resourceAccess = permissions.map((name) => ({ id: graphRoleId(name), type: "Role" }));
  const record: ApplicationRecord = directory.createApplication({
    displayName,
    signInAudience,
    requiredResourceAccess:
      permissions.length === 0 ? [] : [{ resourceAppId: GRAPH_CLIENT_ID, resourceAccess }],
  });
  if (owned) record.ownerObjectIds.add(DEPLOYER_OBJECT_ID);
  const { clientId, applicationObjectId } = record;
  if (!principal) return { clientId, applicationObjectId };
  const { servicePrincipalObjectId } = directory.createServicePrincipal(clientId, {
    displayName,
    accountEnabled: true,
  });
  for (const consent of consents) grantAppRole(directory, clientId, consent);
  return { clientId, applicationObjectId, servicePrincipalObjectId };
}

export interface ExistingGroup {
  readonly displayName: string;
  readonly description: string | null;
  /** Principal names or object ids of people. */
  readonly users: readonly string[];
  /** Object ids of groups. */
  readonly groups: readonly string[];
}

/** Somebody makes a group and puts people and groups into it. */
export function makeGroup(directory: Directory, given: ExistingGroup) {
  const { displayName, description, users, groups } = given;
  const record = directory.createGroup({
    displayName,
    description,
    groupTypes: [],
    mailEnabled: false,
    mailNickname: displayName.replace(/[^A-Za-z0-9]/g, ""),
    securityEnabled: true,
  });
  for (const user of users) addUserToGroup(directory, record.groupObjectId, user);
  for (const group of groups) {
    if (!directory.groups.has(group)) throw new Error(`no group "${group}" in the lab.`);
    record.memberships.push({ memberObjectId: group, visibleFrom: directory.now() });
  }
  return { groupObjectId: record.groupObjectId };
}

/** All groups of a name, or of an object id, as they are now. */
export function showGroups(directory: Directory, group: string) {
  const now = directory.now();
  const shape = (record: GroupRecord) => ({
    groupObjectId: record.groupObjectId,
    displayName: displayNameOf(record),
    description: record.properties["description"] ?? null,
    owners: [...record.ownerObjectIds],
    members: record.memberships
      .filter(({ goneFrom }) => goneFrom === undefined || goneFrom > now)
      .map(({ memberObjectId }) => memberObjectId),
  });
  const found = [...directory.groups.values()].filter(
    (one) => one.groupObjectId === group || displayNameOf(one) === group,
  );
  return { groups: found.map(shape) };
}
