// The mistake: a role is granted that the application does not declare.
import { AppRoleAssignment } from "@pulumi/azuread/appRoleAssignment";
import { ServicePrincipal } from "@pulumi/azuread/servicePrincipal";
import { GROUP_READ_ALL, graphObjectId } from "./graph";
import { application } from "./parts";

const principal = new ServicePrincipal("principal", { clientId: application().clientId });
new AppRoleAssignment("groups", {
  appRoleId: GROUP_READ_ALL,
  principalObjectId: principal.objectId,
  resourceObjectId: graphObjectId(),
});
