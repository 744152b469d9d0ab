// What happens in the tenant behind Keyturn's back: tests and the control API do it, no product API does.
import { type PasswordRequest, addPassword, livePasswords, removePassword } from "./credentials";
import type { Directory } from "./directory";
import { addFederatedCredential } from "./federated-credentials";
import { EXCHANGE_AUDIENCE } from "./jobs/jobs";
import type {
  AppManagementPolicy,
  AppRoleAssignmentRecord,
  ApplicationRecord,
  FederatedCredentialRecord,
  PasswordRecord,
} from "./directory-records";
import { GRAPH_CLIENT_ID } from "./resources";
import { GRAPH_APP_ROLES } from "./seed-roles";

/** Somebody removes a password in the portal. */
export function removePasswordOutOfBand(
  directory: Directory,
  clientId: string,
  keyId: string,
): void {
  const application = requireApplication(directory, clientId);
  if (!removePassword(directory, application, keyId)) {
    throw new Error(`application ${clientId} has no password with key id ${keyId}.`);
  }
}

/** Somebody adds a password in the portal; it is accepted at once. */
export function addForeignPassword(
  directory: Directory,
  clientId: string,
  request: PasswordRequest = {},
): PasswordRecord {
  const application = requireApplication(directory, clientId);
  const password = addPassword(directory, application, request);
  const now = directory.now();
  const accepted = { ...password, acceptedFrom: now, acceptedEverywhereFrom: now };
  application.passwords.splice(application.passwords.indexOf(password), 1, accepted);
  return accepted;
}

/** Somebody lets a job's identity token stand for an application. */
export function believeJob(
  directory: Directory,
  clientId: string,
  given: { readonly name: string; readonly issuer: string; readonly subject: string },
): FederatedCredentialRecord {
  const audiences = [EXCHANGE_AUDIENCE];
  const application = requireApplication(directory, clientId);
  return addFederatedCredential(application, { ...given, audiences, description: null });
}

/** Takes a Graph app role away from a client; false when it had none such. */
export function revokeAppRole(directory: Directory, clientId: string, role: string): boolean {
  const { graph, principalId } = grantTarget(directory, clientId);
  const roleId = directory.appRolesOf(graph).find((one) => one.value === role)?.id;
  const found = [...directory.appRoleAssignments.values()].find(
    (one) =>
      one.principalId === principalId &&
      one.resourceId === graph.servicePrincipalObjectId &&
      one.appRoleId === roleId,
  );
  return found !== undefined && directory.appRoleAssignments.delete(found.assignmentId);
}

export function grantAppRole(
  directory: Directory,
  clientId: string,
  role: string,
): AppRoleAssignmentRecord {
  const { graph, principalId } = grantTarget(directory, clientId);
  return directory.assignAppRole(principalId, graph.servicePrincipalObjectId, graphRoleId(role));
}

/** Id of one of Microsoft Graph's app roles. @throws Error when the lab does not have it */
export function graphRoleId(role: string): string {
  const found = GRAPH_APP_ROLES.find(({ value }) => value === role);
  if (!found) throw new Error(`Microsoft Graph has no app role "${role}" in the lab.`);
  return found.id;
}

/** Switches sign-in of an application's principal off or on. */
export function setApplicationEnabled(
  directory: Directory,
  clientId: string,
  enabled: boolean,
): void {
  const principal = directory.servicePrincipalByClientId(clientId);
  if (!principal) throw new Error(`client ${clientId} has no service principal.`);
  principal.properties["accountEnabled"] = enabled;
}

/** An administrator puts a user (by object id or principal name) into a group (by object id or name). */
export function addUserToGroup(directory: Directory, group: string, user: string): void {
  const { record, userObjectId } = groupAndUser(directory, group, user);
  if (record.memberships.some((one) => one.memberObjectId === userObjectId && !one.goneFrom))
    return;
  record.memberships.push({ memberObjectId: userObjectId, visibleFrom: directory.now() });
}

export function removeUserFromGroup(directory: Directory, group: string, user: string): void {
  const { record, userObjectId } = groupAndUser(directory, group, user);
  const at = record.memberships.findIndex((one) => one.memberObjectId === userObjectId);
  if (at >= 0) record.memberships.splice(at, 1);
}

export function setAppManagementPolicy(
  directory: Directory,
  policy: Partial<AppManagementPolicy>,
): AppManagementPolicy {
  directory.appManagementPolicy = { ...directory.appManagementPolicy, ...policy };
  return directory.appManagementPolicy;
}

/** Key ids of the passwords that a read of the application shows. */
export function keyIdsOf(directory: Directory, clientId: string): string[] {
  return livePasswords(requireApplication(directory, clientId)).map((one) => one.keyId);
}

function requireApplication(directory: Directory, clientId: string): ApplicationRecord {
  const application = directory.applicationByClientId(clientId);
  if (!application) throw new Error(`no application with client id ${clientId} in the lab.`);
  return application;
}

function grantTarget(directory: Directory, clientId: string) {
  const principal = directory.servicePrincipalByClientId(clientId);
  const graph = directory.servicePrincipalByClientId(GRAPH_CLIENT_ID);
  if (!principal || !graph) throw new Error(`client ${clientId} has no service principal.`);
  return { graph, principalId: principal.servicePrincipalObjectId };
}

function groupAndUser(directory: Directory, group: string, user: string) {
  const record =
    directory.groups.get(group) ??
    [...directory.groups.values()].find((one) => one.properties["displayName"] === group);
  const found =
    directory.users.get(user) ??
    [...directory.users.values()].find((one) => one.properties["userPrincipalName"] === user);
  if (!record) throw new Error(`no group "${group}" in the lab.`);
  if (!found) throw new Error(`no user "${user}" in the lab.`);
  return { record, userObjectId: found.userObjectId };
}
