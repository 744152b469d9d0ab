// The mistake: Owner, where reading secrets is all that is needed.
import { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment";

new RoleAssignment("reader", {
  scope: "/subscriptions/s/resourceGroups/keyturn-lab",
  principalId: "00000000-0000-4000-8000-000000000001",
  principalType: "Group",
  roleDefinitionId:
    "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
});
