// Microsoft Graph's application roles by name, as its own service principal lists them.

/** Microsoft Graph's client id, the same in every tenant and cloud. */
export const GRAPH_CLIENT_ID = "00000003-0000-0000-c000-000000000000";

/** The role ids of the permissions, in their order. @throws Error that names every permission Graph does not have */
export function graphRoleIds(
  permissions: readonly string[],
  roles: Readonly<Record<string, string>>,
): string[] {
  const unknown = permissions.filter((permission) => !Object.hasOwn(roles, permission));
  if (unknown.length > 0) {
    throw new Error(
      `permissions must be application roles of Microsoft Graph, got ${unknown.join(", ")}. Correct them in the preset or in overrides.permissions.`,
    );
  }
  return permissions.map((permission) => String(roles[permission]));
}
