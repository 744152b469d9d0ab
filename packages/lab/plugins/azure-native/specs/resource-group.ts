// `azure-native:resources:ResourceGroup`, API version 2024-03-01.
import { answered, identity, object, tags, text, type ResourceSpec } from "../spec";

export const resourceGroup: ResourceSpec = {
  token: "azure-native:resources:ResourceGroup",
  apiVersion: "2024-03-01",
  path: "/subscriptions/{subscriptionId}/resourcegroups/{resourceGroupName}",
  parameters: [{ name: "resourceGroupName", autoName: "random", minLength: 1, maxLength: 90 }],
  body: {
    ...identity,
    location: { type: "string", required: true, forceNew: true },
    managedBy: text,
    properties: { ...object({ provisioningState: answered }), readOnly: true },
    tags,
  },
};
