// Whom a role may be assigned to: with a principal type ARM does not look the principal up, so that replication
// cannot fail it; without one it does, and a principal made a moment ago is not found.
import type { CloudContext } from "../context";
import { ArmError } from "./errors";

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const TYPES = {
  servicePrincipal: "ServicePrincipal",
  group: "Group",
  user: "User",
} as const;

/** The principal's type as it is recorded. */
export function requirePrincipal(
  context: CloudContext,
  principalId: string,
  declaredType: string | undefined,
): string {
  if (!GUID.test(principalId)) {
    throw new ArmError(
      400,
      "InvalidPrincipalId",
      `A valid principal ID must be provided for role assignment.`,
    );
  }
  const object = context.directory.object(principalId);
  const isPrincipal = object !== undefined && object.type !== "application";
  const replicated =
    isPrincipal && (!("visibleFrom" in object.record) || context.directory.visible(object.record));
  if (declaredType === undefined) {
    if (!replicated) throw principalNotFound(principalId, context.tenantId);
    return TYPES[object.type];
  }
  if (replicated && TYPES[object.type] !== declaredType) {
    throw new ArmError(
      400,
      "UnmatchedPrincipalType",
      `The PrincipalId '${principalId.replaceAll("-", "")}' has type '${TYPES[object.type]}' , which is different from specified PrinciaplType '${declaredType}'.`,
    );
  }
  return declaredType;
}

function principalNotFound(principalId: string, tenantId: string): ArmError {
  return new ArmError(
    400,
    "PrincipalNotFound",
    `Principal ${principalId.replaceAll("-", "")} does not exist in the directory ${tenantId}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype`,
  );
}
