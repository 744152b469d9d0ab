// `azure-native:keyvault:Vault`, API version 2024-11-01, and the same at 2026-02-01.
import {
  answered,
  atVersion,
  flag,
  identity,
  integer,
  list,
  object,
  requiredText,
  systemData,
  tags,
  text,
  texts,
  type Members,
  type ResourceSpec,
} from "../spec";

const accessPolicy: Members = {
  applicationId: text,
  objectId: requiredText,
  permissions: {
    ...object({ certificates: texts, keys: texts, secrets: texts, storage: texts }),
    required: true,
  },
  tenantId: requiredText,
};

const networkAcls: Members = {
  bypass: text,
  defaultAction: text,
  ipRules: list({ value: requiredText }),
  virtualNetworkRules: list({ id: requiredText, ignoreMissingVnetServiceEndpoint: flag }),
};

const privateEndpointConnection: Members = {
  etag: text,
  id: text,
  privateEndpoint: object({ id: answered }),
  privateLinkServiceConnectionState: object({
    actionsRequired: text,
    description: text,
    status: text,
  }),
  provisioningState: answered,
};

const properties: Members = {
  accessPolicies: list(accessPolicy),
  createMode: { type: "string", writeOnly: true },
  enablePurgeProtection: flag,
  enableRbacAuthorization: flag,
  enableSoftDelete: flag,
  enabledForDeployment: flag,
  enabledForDiskEncryption: flag,
  enabledForTemplateDeployment: flag,
  hsmPoolResourceId: answered,
  networkAcls: object(networkAcls),
  privateEndpointConnections: { ...list(privateEndpointConnection), readOnly: true },
  provisioningState: answered,
  publicNetworkAccess: text,
  sku: { ...object({ family: requiredText, name: requiredText }), required: true },
  softDeleteRetentionInDays: integer,
  tenantId: requiredText,
  vaultUri: text,
};

export const vault: ResourceSpec = {
  token: "azure-native:keyvault:Vault",
  apiVersion: "2024-11-01",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.KeyVault/vaults/{vaultName}",
  parameters: [
    { name: "resourceGroupName", minLength: 1, maxLength: 90 },
    { name: "vaultName", autoName: "random", pattern: "^[a-zA-Z0-9-]{3,24}$" },
  ],
  body: {
    ...identity,
    location: { type: "string", required: true },
    properties: { ...object(properties), required: true },
    systemData,
    tags,
  },
  maintained: [["properties", "accessPolicies"]],
};

export const vault2026: ResourceSpec = atVersion(vault, "2026-02-01");
