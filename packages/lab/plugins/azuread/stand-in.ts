// Stands in for the vendor's azuread 6.9.1: the same answers to the engine, the same calls on the wire.
import { ProviderError } from "../provider/errors";
import type { StandIn } from "../provider/stand-in";
import { paceOf } from "./consistency";
import { getApplication } from "./functions/get-application";
import { getClientConfig } from "./functions/get-client-config";
import { getGroup } from "./functions/get-group";
import { getApplicationPublishedAppIds } from "./functions/get-published-app-ids";
import { getServicePrincipal } from "./functions/get-service-principal";
import { getUser } from "./functions/get-user";
import { Graph } from "./graph";
import { Locks } from "./locks";
import type { AzureadConfiguration } from "./operation";
import { appRoleAssignment } from "./resources/app-role-assignment";
import { application } from "./resources/application";
import { applicationApiAccess } from "./resources/application-api-access";
import { applicationFederatedIdentityCredential } from "./resources/application-federated-identity-credential";
import { applicationOwner } from "./resources/application-owner";
import { applicationPassword } from "./resources/application-password";
import { applicationRegistration } from "./resources/application-registration";
import { group } from "./resources/group";
import { groupMember } from "./resources/group-member";
import { servicePrincipal } from "./resources/service-principal";
import { servicePrincipalPassword } from "./resources/service-principal-password";
import { readSettings } from "./settings";

/** The version that is stood in for. */
export const AZUREAD_VERSION = "6.9.1";

const RESOURCES = {
  Application: application,
  ApplicationApiAccess: applicationApiAccess,
  ApplicationFederatedIdentityCredential: applicationFederatedIdentityCredential,
  ApplicationOwner: applicationOwner,
  ApplicationPassword: applicationPassword,
  ApplicationRegistration: applicationRegistration,
  AppRoleAssignment: appRoleAssignment,
  Group: group,
  GroupMember: groupMember,
  ServicePrincipal: servicePrincipal,
  ServicePrincipalPassword: servicePrincipalPassword,
};

/** @param environment where settings come from that the configuration does not give */
export function createAzureadStandIn(
  environment: NodeJS.ProcessEnv = process.env,
): StandIn<AzureadConfiguration> {
  return {
    name: "azuread",
    version: AZUREAD_VERSION,
    handshakeDetails: "method Handshake not implemented",
    configureAnswer: {
      acceptSecrets: false,
      supportsPreview: true,
      acceptResources: false,
      acceptOutputs: false,
      supportsAutonamingConfiguration: true,
    },
    resources: new Map(
      Object.entries(RESOURCES).map(([name, resource]) => [tokenOf(name), resource]),
    ),
    functions: new Map([
      getApplication,
      getApplicationPublishedAppIds,
      getClientConfig,
      getGroup,
      getServicePrincipal,
      getUser,
    ]),
    configure: async (args) => {
      try {
        const pace = paceOf(environment);
        const graph = await Graph.connect(readSettings(args, environment), pace);
        return { graph, caller: await graph.signedIn(), locks: new Locks(), pace };
      } catch (error) {
        throw new ProviderError(error instanceof Error ? error.message : String(error));
      }
    },
  };
}

/** `azuread:index/groupMember:GroupMember` */
function tokenOf(name: string): string {
  return `azuread:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
}
