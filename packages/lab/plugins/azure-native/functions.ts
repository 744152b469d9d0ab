// The plugin's functions: who is signed in, a token, and resources that are there already.
import type { CallContext, FunctionStandIn, InvokeAnswer } from "../provider/stand-in";
import { ProviderError } from "../provider/errors";
import { mapValues, unwrapDeep } from "../provider/values";
import type { Properties } from "../provider/values";
import type { Azure } from "./azure";
import { AzureError } from "./client/errors";
import { idFor } from "./ids";
import { toOutputs } from "./shapes";
import type { ResourceSpec } from "./spec";
import { resourceGroup } from "./specs/resource-group";
import { roleAssignment } from "./specs/role-assignment";
import { secret, secret2026 } from "./specs/secret";
import { vault, vault2026 } from "./specs/vault";

const answer = (properties: Properties): InvokeAnswer => ({ return: properties, failures: [] });

async function getClientConfig(
  _args: Properties,
  { configuration, signal }: CallContext<Azure>,
): Promise<InvokeAnswer> {
  return answer({ ...(await configuration.identity(signal)) });
}

async function getClientToken(
  args: Properties,
  { configuration, signal }: CallContext<Azure>,
): Promise<InvokeAnswer> {
  const endpoint = args["endpoint"];
  const given = typeof endpoint === "string" && endpoint !== "" ? endpoint : undefined;
  return answer({ token: await configuration.token(given, signal) });
}

/** Reads a resource by the parts of its path. */
function getter(spec: ResourceSpec): FunctionStandIn<Azure> {
  return async (args, { configuration, signal }) => {
    const id = idFor(mapValues(args, unwrapDeep), spec, configuration.subscriptionId);
    const found = await configuration.arm
      .get(id, spec.apiVersion, signal)
      .catch((error: unknown) => {
        if (!(error instanceof AzureError)) throw error;
        throw new ProviderError(`request failed ${id}: ${error.message}`);
      });
    return answer(toOutputs(found, spec));
  };
}

/** Function tokens to functions. */
export const functions: ReadonlyMap<string, FunctionStandIn<Azure>> = new Map([
  ["azure-native:authorization:getClientConfig", getClientConfig],
  ["azure-native:authorization:getClientToken", getClientToken],
  ["azure-native:authorization:getRoleAssignment", getter(roleAssignment)],
  ["azure-native:keyvault:getSecret", getter(secret)],
  ["azure-native:keyvault:getVault", getter(vault)],
  ["azure-native:keyvault/v20260201:getSecret", getter(secret2026)],
  ["azure-native:keyvault/v20260201:getVault", getter(vault2026)],
  ["azure-native:resources:getResourceGroup", getter(resourceGroup)],
]);
