// `azure-native:authorization:RoleAssignment`, API version 2022-04-01.
// The SDK has its properties one level higher than Azure.
import { identity, systemData, type Property, type ResourceSpec } from "../spec";

const within = { type: "string", wireContainer: "properties" } as const;
const answered: Property = { ...within, readOnly: true };

export const roleAssignment: ResourceSpec = {
  token: "azure-native:authorization:RoleAssignment",
  apiVersion: "2022-04-01",
  path: "/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
  parameters: [
    { name: "scope", isScope: true },
    { name: "roleAssignmentName", autoName: "uuid" },
  ],
  body: {
    ...identity,
    condition: within,
    conditionVersion: within,
    createdBy: answered,
    createdOn: answered,
    delegatedManagedIdentityResourceId: within,
    description: within,
    principalId: { ...within, required: true, forceNew: true },
    principalType: within,
    roleDefinitionId: { ...within, required: true },
    scope: answered,
    systemData,
    updatedBy: answered,
    updatedOn: answered,
  },
};
