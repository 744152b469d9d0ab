// What the identity may do in Azure, as docs/rights.md and docs/backend.md of Keyturn list it: never Owner, and roles only under a
// condition.
import { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment";
import { type Input, interpolate } from "@pulumi/pulumi";

/** Azure's built-in roles. */
export const ROLES = {
  Contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  "Key Vault Secrets Officer": "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
  "Role Based Access Control Administrator": "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
  "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
  "Key Vault Crypto User": "12338af0-0e69-4776-bea7-57ae8d297424",
} as const;

const SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6";

/** The identity may assign, and take back, Key Vault Secrets User and nothing else. */
export const CONDITION = ["write", "delete"]
  .map((action) => {
    const source = action === "write" ? "@Request" : "@Resource";
    return `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/${action}'})) OR (${source}[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${SECRETS_USER}}))`;
  })
  .join(" AND ");

interface Grantee {
  readonly subscriptionId: Input<string>;
  readonly principalId: Input<string>;
}

/** On the resource group of the credentials' vaults. */
export function giveGroupRights(args: Grantee & { readonly scope: Input<string> }): void {
  give("contributor", "Contributor", args.scope, args);
  give("secrets-officer", "Key Vault Secrets Officer", args.scope, args);
  give("vault-readers", "Role Based Access Control Administrator", args.scope, args, CONDITION);
}

/** On the state's container and on its key, and on neither's surroundings. */
export function giveStateRights(
  args: Grantee & { readonly container: Input<string>; readonly key: Input<string> },
): void {
  give("state", "Storage Blob Data Contributor", args.container, args);
  give("state-key", "Key Vault Crypto User", args.key, args);
}

function give(
  name: string,
  role: keyof typeof ROLES,
  scope: Input<string>,
  { subscriptionId, principalId }: Grantee,
  condition?: string,
): void {
  new RoleAssignment(name, {
    scope,
    principalId,
    // A principal that has just been made is not known everywhere yet; with its type Azure does not look.
    principalType: "ServicePrincipal",
    roleDefinitionId: interpolate`/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${ROLES[role]}`,
    ...(condition !== undefined && { condition, conditionVersion: "2.0" }),
  });
}
