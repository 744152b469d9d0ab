// Who may do what with a vault's secrets: role assignments when the vault uses RBAC, otherwise its access policies.
import type { Caller } from "../tokens";
import { VaultError } from "./errors";
import { vaultId, type Vault } from "./store";

/** One right on the data plane, under both permission models. */
export interface Right {
  readonly dataAction: string;
  readonly permission: string;
}

const ACTIONS = "Microsoft.KeyVault/vaults/secrets";

export const RIGHTS = {
  set: { dataAction: `${ACTIONS}/setSecret/action`, permission: "set" },
  get: { dataAction: `${ACTIONS}/getSecret/action`, permission: "get" },
  update: { dataAction: `${ACTIONS}/update/action`, permission: "set" },
  list: { dataAction: `${ACTIONS}/readMetadata/action`, permission: "list" },
  delete: { dataAction: `${ACTIONS}/delete`, permission: "delete" },
  getDeleted: { dataAction: `${ACTIONS}/readMetadata/action`, permission: "get" },
  recover: { dataAction: `${ACTIONS}/recover/action`, permission: "recover" },
  purge: { dataAction: `${ACTIONS}/purge/action`, permission: "purge" },
} as const satisfies Record<string, Right>;

/** Answers whether a principal holds a data action at a scope. */
export type DataActionCheck = (
  principalObjectId: string,
  dataAction: string,
  scope: string,
) => boolean;

export function requireRight(
  caller: Caller,
  right: Right,
  vault: Vault,
  secretName: string | undefined,
  holds: DataActionCheck,
): void {
  const scope =
    secretName === undefined ? vaultId(vault) : `${vaultId(vault)}/secrets/${secretName}`;
  if (vault.properties.enableRbacAuthorization) {
    if (holds(caller.servicePrincipalObjectId, right.dataAction, scope)) return;
    throw forbiddenByRbac(caller, right, vault, scope);
  }
  if (allowedByPolicy(caller, right, vault)) return;
  throw new VaultError(
    403,
    "Forbidden",
    `The user, group or application '${describe(caller)}' does not have secrets ${right.permission} permission on key vault '${vault.name};location=${vault.location}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287`,
    "AccessDenied",
  );
}

/** The vault's own network rules; every caller of the lab comes from this machine. */
export function requireNetwork(caller: Caller, vault: Vault, address: string): void {
  const { publicNetworkAccess, networkAcls } = vault.properties;
  const place = `Vault: ${vault.name};location=${vault.location}`;
  if (/^disabled$/i.test(publicNetworkAccess)) {
    throw new VaultError(
      403,
      "Forbidden",
      `Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\nCaller: ${describe(caller)}\r\n${place}`,
      "ForbiddenByConnection",
    );
  }
  if (networkAcls?.defaultAction !== "Deny") return;
  const allowed = (networkAcls.ipRules ?? []).map((rule) => rule.value.replace(/\/32$/, ""));
  if (allowed.includes(address)) return;
  throw new VaultError(
    403,
    "Forbidden",
    `Client address is not authorized and caller is not a trusted service.\r\nClient address: ${address}\r\nCaller: ${describe(caller)}\r\n${place}`,
    "ForbiddenByFirewall",
  );
}

function allowedByPolicy(caller: Caller, right: Right, vault: Vault): boolean {
  return vault.properties.accessPolicies
    .filter((policy) => policy.objectId.toLowerCase() === caller.servicePrincipalObjectId)
    .flatMap((policy) => policy.permissions.secrets ?? [])
    .some((held) => held.toLowerCase() === right.permission || held.toLowerCase() === "all");
}

function forbiddenByRbac(caller: Caller, right: Right, vault: Vault, scope: string): VaultError {
  const lines = [
    "Caller is not authorized to perform action on resource.",
    "If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.",
    `Caller: ${describe(caller)}`,
    `Action: '${right.dataAction}'`,
    `Resource: '${scope.toLowerCase()}'`,
    "Assignment: (not found)",
    "DenyAssignmentId: null",
    "DecisionReason: 'DeniedWithNoValidRBAC' ",
    `Vault: ${vault.name};location=${vault.location}`,
    "",
  ];
  return new VaultError(403, "Forbidden", lines.join("\r\n"), "ForbiddenByRbac");
}

function describe(caller: Caller): string {
  return `appid=${caller.clientId};oid=${caller.servicePrincipalObjectId};iss=https://sts.windows.net/${caller.tenantId}/`;
}
