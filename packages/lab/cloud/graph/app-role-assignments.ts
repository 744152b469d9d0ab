// App role assignments: consent, seen from the resource (appRoleAssignedTo) and from the principal (appRoleAssignments).
import type { AppRoleAssignmentRecord } from "../directory-records";
import { parseBody } from "./bodies";
import { badRequest, notFound } from "./errors";
import { principalOf } from "./lookup";
import {
  type GraphAnswer,
  type GraphCall,
  type Operation,
  collection,
  entity,
  noContent,
} from "./operations";
import { assignmentShape } from "./shapes";
import { AppRoleAssignment } from "./schemas";

const READ = [
  "Application.Read.All",
  "Application.ReadWrite.OwnedBy",
  "Directory.Read.All",
  "Application.ReadWrite.All",
  "Directory.ReadWrite.All",
];
const WRITE = [
  "AppRoleAssignment.ReadWrite.All and Application.Read.All",
  "AppRoleAssignment.ReadWrite.All and Directory.Read.All",
  "AppRoleAssignment.ReadWrite.All and Application.ReadWrite.All",
];
/** Assigns a principal without naming a role. */
const DEFAULT_ROLE = "00000000-0000-0000-0000-000000000000";

const SIDES = [
  { relation: "appRoleAssignedTo", doc: "approleassignedto", key: "resourceId" },
  { relation: "appRoleAssignments", doc: "approleassignments", key: "principalId" },
] as const;

export const APP_ROLE_ASSIGNMENT_OPERATIONS: readonly Operation[] = SIDES.flatMap(
  ({ relation, doc, key }): Operation[] => [
    {
      method: "GET",
      path: `/servicePrincipals/:id/${relation}`,
      doc: `serviceprincipal-list-${doc}`,
      permissions: READ,
      handle: (call) => {
        const shapes = ofPrincipal(call, key).map((one) => assignmentShape(one, call.directory));
        return collection(call, "appRoleAssignments", shapes, "AppRoleAssignment");
      },
    },
    {
      method: "POST",
      path: `/servicePrincipals/:id/${relation}`,
      doc: `serviceprincipal-post-${doc}`,
      permissions: WRITE,
      handle: (call) => assign(call, key),
    },
    {
      method: "GET",
      path: `/servicePrincipals/:id/${relation}/:assignmentId`,
      doc: `serviceprincipal-list-${doc}`,
      permissions: READ,
      handle: (call) => {
        const shape = assignmentShape(oneOf(call, key), call.directory);
        return entity(call, "appRoleAssignments", shape);
      },
    },
    {
      method: "DELETE",
      path: `/servicePrincipals/:id/${relation}/:assignmentId`,
      doc: `serviceprincipal-delete-${doc}`,
      permissions: WRITE,
      handle: (call) => {
        call.directory.appRoleAssignments.delete(oneOf(call, key).assignmentId);
        return noContent;
      },
    },
  ],
);

function assign(call: GraphCall, key: "resourceId" | "principalId"): GraphAnswer {
  const { directory } = call;
  const body = parseBody(AppRoleAssignment, call.body, "AppRoleAssignment");
  const pathId = principalOf(call).servicePrincipalObjectId;
  if (body[key].toLowerCase() !== pathId) throw badRequest("Not a valid reference update.");
  const resource = directory.servicePrincipals.get(body.resourceId.toLowerCase());
  const principal = directory.object(body.principalId);
  const assignable = principal !== undefined && principal.type !== "application";
  if (!assignable || !resource || !isVisible(call, principal.record)) {
    throw badRequest("Not a valid reference update.");
  }
  const roles = directory.appRolesOf(resource);
  const known = roles.some((role) => role.id === body.appRoleId.toLowerCase() && role.isEnabled);
  if (!known && body.appRoleId !== DEFAULT_ROLE) {
    const text = `Permission being assigned was not found on application '${resource.clientId}'.`;
    throw badRequest(text);
  }
  const [principalId, appRoleId] = [body.principalId.toLowerCase(), body.appRoleId.toLowerCase()];
  const exists = ofPrincipal(call, key).some(
    (one) =>
      one.principalId === principalId &&
      one.appRoleId === appRoleId &&
      one.resourceId === resource.servicePrincipalObjectId,
  );
  if (exists) throw badRequest("Permission being assigned already exists on the object");
  const record = directory.assignAppRole(principalId, resource.servicePrincipalObjectId, appRoleId);
  return entity(call, "appRoleAssignments", assignmentShape(record, directory), 201);
}

function isVisible(call: GraphCall, record: object): boolean {
  return !("visibleFrom" in record) || call.directory.visible(record as { visibleFrom: number });
}

function ofPrincipal(
  call: GraphCall,
  key: "resourceId" | "principalId",
): AppRoleAssignmentRecord[] {
  const { servicePrincipalObjectId } = principalOf(call);
  const all = [...call.directory.appRoleAssignments.values()];
  return all.filter((one) => one[key] === servicePrincipalObjectId);
}

function oneOf(call: GraphCall, key: "resourceId" | "principalId"): AppRoleAssignmentRecord {
  const wanted = call.params["assignmentId"] ?? "";
  const found = ofPrincipal(call, key).find((one) => one.assignmentId === wanted);
  if (found) return found;
  throw notFound(wanted);
}
