// Run once by an administrator, before the first pipeline: the identity by which the pipelines rotate, its rights, and the place
// where they keep their state. README.md says how. It makes no secret.
import { getClientConfigOutput } from "@pulumi/azure-native/authorization/getClientConfig";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup";
import { Config, interpolate } from "@pulumi/pulumi";
import { GRAPH_ROLES, pipelineIdentity, trustedJobs } from "./identity";
import { giveGroupRights, giveStateRights } from "./rights";
import { stateStore } from "./state";

const config = new Config();
const location = config.get("location") ?? "westeurope";
const { subscriptionId, tenantId } = getClientConfigOutput();

const { application, principal } = pipelineIdentity(
  config.get("name") ?? "keyturn-pipeline",
  trustedJobs({
    gitHubRepository: config.get("gitHubRepository"),
    stacks: config.getObject<string[]>("stacks") ?? ["production"],
    azureIssuer: config.get("azureIssuer"),
    azureSubject: config.get("azureSubject"),
  }),
  config.getObject<string[]>("graphRoles") ?? GRAPH_ROLES,
);

/** For the credentials' vaults, and for nothing else: the identity may do much in it. */
const credentials = new ResourceGroup("credentials", {
  resourceGroupName: config.get("resourceGroup") ?? "rg-keyturn",
  location,
});
const state = stateStore({
  resourceGroup: config.get("stateResourceGroup") ?? "rg-keyturn-state",
  account: config.require("stateAccount"),
  vault: config.require("stateVault"),
  location,
  tenantId,
});

giveGroupRights({ subscriptionId, principalId: principal.objectId, scope: credentials.id });
giveStateRights({
  subscriptionId,
  principalId: principal.objectId,
  container: state.container.id,
  key: state.key.id,
});

/** What the pipelines' variables and the stack's file want. */
export const clientId = application.clientId;
export const ownerObjectId = principal.objectId;
export const vaultResourceGroup = credentials.name;
export const backendUrl = interpolate`azblob://${state.container.name}`;
export const storageAccount = state.account.name;
export const secretsProvider = state.key.keyUriWithVersion.apply(
  (uri) => `azurekeyvault://${uri.replace(/^https:\/\//, "")}`,
);
export { subscriptionId, tenantId };
