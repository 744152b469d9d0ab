// Which resources are what, by type; the vendors' versioned and classic names included.
import type { StackSubject, Subject } from "./rule";

const kind =
  (pattern: RegExp) =>
  ({ type }: Pick<Subject, "type">): boolean =>
    pattern.test(type);

export const isPassword = kind(/^azuread:index\/(application|servicePrincipal)Password:/);
export const isApplication = kind(/^azuread:index\/application(Registration)?:/);
export const isServicePrincipal = kind(/^azuread:index\/servicePrincipal:/);
export const isAppRoleAssignment = kind(/^azuread:index\/appRoleAssignment:/);
export const isGroup = kind(/^azuread:index\/group:/);
export const isGroupMember = kind(/^azuread:index\/groupMember:/);
export const isVaultSecret = kind(
  /^(azure-native:keyvault(\/v\w+)?:Secret|azure:keyvault\/secret:Secret)$/,
);
export const isRoleAssignment = kind(
  /^(azure-native:authorization(\/v\w+)?:RoleAssignment|azure:authorization\/assignment:Assignment)$/,
);
export const isRemote = kind(/^command:remote:(Command|CopyToRemote|CopyFile)$/);
export const isCommand = kind(/^command:(remote|local):Command$/);
export const isStack = kind(/^pulumi:pulumi:Stack$/);

/** Resources whose outputs hold a secret value. */
export const holdsSecret = kind(
  /^(azuread:index\/(application|servicePrincipal)Password:|random:index\/randomPassword:|tls:index\/privateKey:|azure-native:keyvault(\/v\w+)?:Secret$|azure:keyvault\/secret:)/,
);

/** Keyturn's own components, which say plainly what their children come from. */
export const isCredential = kind(/^keyturn:index:Credential$/);
export const isLicenceGroups = kind(/^keyturn:index:LicenceGroups$/);

/** The resources that one of a resource's inputs comes from. */
export function sourcesOf(subject: StackSubject, ...inputs: readonly string[]): StackSubject[] {
  return [...new Set(inputs.flatMap((input) => subject.propertyDependencies[input] ?? []))];
}
