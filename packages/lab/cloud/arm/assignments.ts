// Microsoft.Authorization/roleAssignments, at any scope.
import { z } from "zod";
import { readBody } from "./body";
import { ArmError, badRequest } from "./errors";
import { requirePrincipal } from "./principals";
import { covers, type RoleAssignment } from "./rights";
import { roleNotFound } from "./role-definitions";
import { findRole, type RoleDefinition } from "./roles";
import { readCondition } from "./conditions";
import { ok, type ArmCall, type ArmRequest, type ArmRoute } from "./router";
import type { AzureResources } from "./store";

const AUTHORIZATION = "Microsoft.Authorization";
const PATH = "/{scope*}/providers/Microsoft.Authorization/roleAssignments";
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const scope = (params: Readonly<Record<string, string>>): string => params["scope"] || "/";

const assignments = { type: "Microsoft.Authorization/roleAssignments" } as const;

const Body = z.object({
  properties: z.object({
    roleDefinitionId: z.string(),
    principalId: z.string(),
    principalType: z
      .enum(["User", "Group", "ServicePrincipal", "ForeignGroup", "Device"])
      .nullish(),
    description: z.string().nullish(),
    condition: z.string().nullish(),
    conditionVersion: z.enum(["2.0"]).nullish(),
    delegatedManagedIdentityResourceId: z.string().nullish(),
  }),
});

const right = (operation: string) => ({
  ...assignments,
  action: `${AUTHORIZATION}/roleAssignments/${operation}`,
  scope,
  facts: (
    { body }: ArmRequest,
    params: Readonly<Record<string, string>>,
    resources: AzureResources,
  ) => ({
    request: Body.safeParse(body).data?.properties.roleDefinitionId.split("/").at(-1),
    resource: resources.assignment(scope(params), params["name"] ?? "")?.roleDefinitionGuid,
  }),
});

export const assignmentRoutes: readonly ArmRoute[] = [
  { ...right("write"), method: "PUT", path: `${PATH}/{name}`, run: put },
  {
    ...right("read"),
    method: "GET",
    path: `${PATH}/{name}`,
    run: (call) => ok(answer(call, required(call))),
  },
  { ...right("delete"), method: "DELETE", path: `${PATH}/{name}`, run: remove },
  { ...right("read"), method: "GET", path: PATH, run: list },
];

function put(call: ArmCall) {
  const { resources, params, caller, context, request, now } = call;
  const at = scope(params);
  const name = params["name"] ?? "";
  if (!GUID.test(name)) {
    throw new ArmError(
      400,
      "InvalidRoleAssignmentId",
      `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`,
    );
  }
  const { properties } = readBody(Body, request.body);
  const guid = properties.roleDefinitionId.split("/").at(-1) ?? "";
  const role = findRole(guid);
  if (!role) throw roleNotFound(guid, 400);
  const principalType = requirePrincipal(
    context,
    properties.principalId,
    properties.principalType ?? undefined,
  );
  const principalId = properties.principalId.toLowerCase();
  const existing = resources.assignment(at, name);
  requireSame(existing, principalId, role);
  const twin = resources
    .listAssignments()
    .find(
      (other) =>
        other.name.toLowerCase() !== name.toLowerCase() &&
        other.principalId === principalId &&
        other.roleDefinitionGuid === role.roleDefinitionGuid &&
        other.scope.toLowerCase() === at.toLowerCase(),
    );
  if (twin) {
    throw new ArmError(
      409,
      "RoleAssignmentExists",
      `The role assignment already exists. The ID of the conflicting role assignment is ${twin.name.replaceAll("-", "")}.`,
    );
  }
  const { description, condition, conditionVersion } = properties;
  if (condition != null) requireUnderstood(condition);
  const assignment: RoleAssignment = {
    scope: at,
    name,
    roleDefinitionGuid: role.roleDefinitionGuid,
    principalId,
    principalType,
    ...(description == null ? {} : { description }),
    ...(condition == null ? {} : { condition, conditionVersion: conditionVersion ?? "2.0" }),
    createdOn: existing?.createdOn ?? now.toISOString(),
    updatedOn: now.toISOString(),
    createdBy: existing?.createdBy ?? caller.servicePrincipalObjectId,
    updatedBy: caller.servicePrincipalObjectId,
  };
  resources.putAssignment(assignment);
  return { status: existing ? 200 : 201, body: answer(call, assignment) };
}

function requireSame(
  existing: RoleAssignment | undefined,
  principalId: string,
  role: RoleDefinition,
): void {
  if (!existing) return;
  if (
    existing.principalId === principalId &&
    existing.roleDefinitionGuid === role.roleDefinitionGuid
  ) {
    return;
  }
  throw new ArmError(
    409,
    "RoleAssignmentUpdateNotPermitted",
    "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
  );
}

function requireUnderstood(condition: string): void {
  if (readCondition(condition) !== undefined) return;
  throw badRequest(
    `The lab holds a condition to which roles may be assigned, and to nothing else: "${condition}".`,
  );
}

function remove(call: ArmCall) {
  const { resources, params } = call;
  const existing = resources.assignment(scope(params), params["name"] ?? "");
  if (!existing) return { status: 204 };
  const body = answer(call, existing);
  resources.deleteAssignment(existing);
  return ok(body);
}

function list(call: ArmCall) {
  const { resources, params, request } = call;
  const filter = request.query.get("$filter") ?? "";
  const principalId = /(?:principalId eq|assignedTo\()\s*'([^']+)'/i.exec(filter)?.[1];
  const only = /atScope\(\)/i.test(filter);
  if (filter !== "" && principalId === undefined && !only) {
    throw badRequest(`The filter '${filter}' is not supported.`);
  }
  const found = resources
    .listAssignments()
    .filter(
      (one) => covers(one.scope, scope(params)) || (!only && covers(scope(params), one.scope)),
    )
    .filter((one) => principalId === undefined || one.principalId === principalId.toLowerCase());
  return ok({ value: found.map((one) => answer(call, one)) });
}

function required({ resources, params }: ArmCall): RoleAssignment {
  const name = params["name"] ?? "";
  const found = resources.assignment(scope(params), name);
  if (found) return found;
  throw new ArmError(404, "RoleAssignmentNotFound", `The role assignment '${name}' is not found.`);
}

function answer({ context }: ArmCall, one: RoleAssignment): object {
  const { scope: at, name, roleDefinitionGuid, ...properties } = one;
  const prefix = at === "/" ? "" : at;
  return {
    properties: {
      roleDefinitionId: `/subscriptions/${context.subscriptionId}/providers/${AUTHORIZATION}/roleDefinitions/${roleDefinitionGuid}`,
      scope: at,
      ...properties,
      condition: one.condition ?? null,
      conditionVersion: one.conditionVersion ?? null,
      description: one.description ?? null,
      delegatedManagedIdentityResourceId: null,
    },
    id: `${prefix}/providers/${AUTHORIZATION}/roleAssignments/${name}`,
    type: `${AUTHORIZATION}/roleAssignments`,
    name,
  };
}
