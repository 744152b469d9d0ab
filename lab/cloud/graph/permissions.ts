// Says whether a caller's token allows an operation; ownership counts only where the operation says so.
import { denied } from "./errors";
import { ANY_ROLE, type GraphCall, type Operation } from "./operations";

export function authorise(operation: Operation, call: GraphCall): void {
  if (operation.permissions.some((alternative) => holds(call, alternative))) return;
  const { ownerPermissions = [] } = operation;
  if (ownerPermissions.some((alternative) => holds(call, alternative)) && owns(operation, call)) {
    return;
  }
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

function owns(operation: Operation, call: GraphCall): boolean {
  if (operation.owners === undefined) return false;
  const owners = operation.owners(call);
  // An object that does not exist is answered with 404 by the handler, not with 403.
  return owners === undefined || owners.has(call.caller.servicePrincipalObjectId);
}
