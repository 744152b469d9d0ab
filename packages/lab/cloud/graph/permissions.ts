// Says whether a caller's token allows an operation; ownership counts only where the operation says so.
import { denied } from "./errors";
import { ANY_ROLE, type GraphCall, type Operation } from "./operations";

export function authorise(operation: Operation, call: GraphCall): void {
  const { permissions, ownerPermissions = [] } = operation;
  if (permissions.some((alternative) => holds(call, alternative))) return;
  if (ownerPermissions.some((one) => holds(call, one) && owns(operation, call, one))) return;
  throw operation.refusal?.() ?? denied();
}

/** True when the token carries the role. */
export function hasRole(call: GraphCall, role: string): boolean {
  return call.caller.roles.includes(role);
}

function holds(call: GraphCall, alternative: string): boolean {
  if (alternative === ANY_ROLE) return true;
  return alternative.split(" and ").every((role) => hasRole(call, role));
}

function owns(operation: Operation, call: GraphCall, alternative: string): boolean {
  const owners = operation.owners?.(call);
  // To a caller with a role, an object that does not exist is answered with 404 by the handler.
  if (owners === undefined) return operation.owners !== undefined && alternative !== ANY_ROLE;
  return owners.has(call.caller.servicePrincipalObjectId);
}
