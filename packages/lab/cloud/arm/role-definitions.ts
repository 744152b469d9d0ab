// Microsoft.Authorization/roleDefinitions: the built-in roles, to be read at any scope.
import { ArmError } from "./errors";
import { findRole, ROLES, type RoleDefinition } from "./roles";
import { ok, type ArmCall, type ArmRoute } from "./router";

const PATH = "/{scope*}/providers/Microsoft.Authorization/roleDefinitions";
const shared = { type: "Microsoft.Authorization/roleDefinitions" } as const;

export const roleDefinitionRoutes: readonly ArmRoute[] = [
  {
    ...shared,
    method: "GET",
    path: `${PATH}/{name}`,
    run: (call) => {
      const guid = call.params["name"] ?? "";
      const role = findRole(guid);
      if (!role) throw roleNotFound(guid, 404);
      return ok(answer(role, call));
    },
  },
  {
    ...shared,
    method: "GET",
    path: PATH,
    run: (call) => {
      const filter = call.request.query.get("$filter") ?? "";
      const roleName = /roleName eq '([^']*)'/i.exec(filter)?.[1]?.toLowerCase();
      const found = ROLES.filter((role) =>
        [undefined, role.roleName.toLowerCase()].includes(roleName),
      );
      return ok({ value: found.map((role) => answer(role, call)) });
    },
  },
];

export function roleNotFound(guid: string, status: number): ArmError {
  return new ArmError(
    status,
    "RoleDefinitionDoesNotExist",
    `The specified role definition with ID '${guid.replaceAll("-", "")}' does not exist.`,
  );
}

function answer(role: RoleDefinition, { context }: ArmCall): object {
  const { roleName, description, actions, notActions, dataActions, roleDefinitionGuid } = role;
  return {
    properties: {
      roleName,
      type: "BuiltInRole",
      description,
      assignableScopes: ["/"],
      permissions: [{ actions, notActions, dataActions, notDataActions: [] }],
    },
    id: `/subscriptions/${context.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roleDefinitionGuid}`,
    type: "Microsoft.Authorization/roleDefinitions",
    name: roleDefinitionGuid,
  };
}
