// The mistake: a role is declared, and nobody consents to it.
import { ServicePrincipal } from "@pulumi/azuread/servicePrincipal";
import { GRAPH, GROUP_READ_ALL } from "./graph";
import { application } from "./parts";

const { clientId } = application({
  requiredResourceAccesses: [
    { resourceAppId: GRAPH, resourceAccesses: [{ id: GROUP_READ_ALL, type: "Role" }] },
  ],
});
new ServicePrincipal("principal", { clientId });
