// Azure RBAC: whether some role assignment at a scope, or above it, allows an action. Deny assignments are not
// modelled. Pure.
import { type AssignmentFacts, fulfils } from "./conditions";
import { findRole, type RoleDefinition } from "./roles";

export interface RoleAssignment {
  /** Path of the scope, without a trailing slash; "/" is the root. */
  readonly scope: string;
  readonly name: string;
  readonly roleDefinitionGuid: string;
  readonly principalId: string;
  readonly principalType: string;
  readonly description?: string;
  readonly condition?: string;
  readonly conditionVersion?: string;
  readonly delegatedManagedIdentityResourceId?: string;
  readonly createdOn: string;
  readonly updatedOn: string;
  readonly createdBy: string;
  readonly updatedBy: string;
}

export type Plane = "actions" | "dataActions";

export function allows(
  assignments: readonly RoleAssignment[],
  principalIds: readonly string[],
  plane: Plane,
  action: string,
  scope: string,
  facts: AssignmentFacts = {},
): boolean {
  return assignments
    .filter((assignment) => principalIds.includes(assignment.principalId.toLowerCase()))
    .filter((assignment) => covers(assignment.scope, scope))
    .filter((assignment) => fulfils(assignment.condition, action, facts))
    .some((assignment) => {
      const role = findRole(assignment.roleDefinitionGuid);
      return role !== undefined && grants(role, plane, action);
    });
}

/** Whether a scope is another one or lies above it. */
export function covers(above: string, below: string): boolean {
  const upper = above.toLowerCase().replace(/\/+$/, "");
  const lower = below.toLowerCase().replace(/\/+$/, "");
  return lower === upper || lower.startsWith(`${upper}/`);
}

function grants(role: RoleDefinition, plane: Plane, action: string): boolean {
  if (plane === "dataActions") return role.dataActions.some((held) => matches(held, action));
  return (
    role.actions.some((held) => matches(held, action)) &&
    !role.notActions.some((taken) => matches(taken, action))
  );
}

function matches(pattern: string, action: string): boolean {
  const literal = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`, "i").test(action);
}
