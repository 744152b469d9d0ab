// A program with no mistake: every kind of resource that the pack looks at, made as its rules want it.
import { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment";
import { AppRoleAssignment } from "@pulumi/azuread/appRoleAssignment";
import { Group } from "@pulumi/azuread/group";
import { GroupMember } from "@pulumi/azuread/groupMember";
import { ApplicationPassword } from "@pulumi/azuread/applicationPassword";
import { ServicePrincipal } from "@pulumi/azuread/servicePrincipal";
import { Command } from "@pulumi/command/remote/command";
import { secret } from "@pulumi/pulumi";
import { application, inDays, vaultSecret } from "./parts";
import { GRAPH, USER_READ_ALL, graphObjectId } from "./graph";
import { connection, hostKey } from "./host";

const app = application({
  signInAudience: "AzureADMyOrg",
  requiredResourceAccesses: [
    { resourceAppId: GRAPH, resourceAccesses: [{ id: USER_READ_ALL, type: "Role" }] },
  ],
});
const principal = new ServicePrincipal("principal", { clientId: app.clientId });
new AppRoleAssignment("users", {
  appRoleId: USER_READ_ALL,
  principalObjectId: principal.objectId,
  resourceObjectId: graphObjectId(),
});
const password = new ApplicationPassword("password", {
  applicationId: app.id,
  endDate: inDays(300),
});
vaultSecret(password);
new RoleAssignment("reader", {
  scope: "/subscriptions/s/resourceGroups/keyturn-lab",
  principalId: principal.objectId,
  principalType: "ServicePrincipal",
  roleDefinitionId:
    "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6",
});
const [licences, pro] = ["SecureExchanges_Licences", "Pro"].map(
  (displayName) =>
    new Group(displayName, { displayName, securityEnabled: true }, { protect: true }),
) as [Group, Group];
new GroupMember("pro-in-licences", {
  groupObjectId: licences.objectId,
  memberObjectId: pro.objectId,
});
new Command("restart", {
  connection: { ...connection, hostKey },
  create: "sh restart.sh",
  stdin: secret(password.value),
  logging: "none",
});
