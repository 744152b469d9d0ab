// `azure-native:storage:StorageAccount`, `BlobServiceProperties` and `BlobContainer`, API version 2024-01-01.
// The SDK has their properties one level higher than Azure, and four of an account under another name.
import { identity, tags, text, type Members, type Property, type ResourceSpec } from "../spec";

const API_VERSION = "2024-01-01";
const ACCOUNTS =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Storage/storageAccounts";

const wireContainer = "properties";
const within = { type: "string", wireContainer } as const;
const flag = { type: "boolean", wireContainer } as const;
/** Handed on as it is. */
const whole = { type: "object", wireContainer } as const;
const answered: Property = { ...within, readOnly: true };
const answeredFlag: Property = { ...flag, readOnly: true };
const answeredWhole: Property = { ...whole, readOnly: true };

const group = { name: "resourceGroupName", minLength: 1, maxLength: 90 } as const;
const accountName = {
  name: "accountName",
  minLength: 3,
  maxLength: 24,
  pattern: "^[a-z0-9]+$",
} as const;

export const storageAccount: ResourceSpec = {
  token: "azure-native:storage:StorageAccount",
  apiVersion: API_VERSION,
  path: `${ACCOUNTS}/{accountName}`,
  parameters: [group, { ...accountName, autoName: "random" }],
  body: {
    ...identity,
    accessTier: within,
    allowBlobPublicAccess: flag,
    allowCrossTenantReplication: flag,
    allowSharedKeyAccess: flag,
    allowedCopyScope: within,
    azureFilesIdentityBasedAuthentication: whole,
    creationTime: answered,
    customDomain: whole,
    defaultToOAuthAuthentication: flag,
    dnsEndpointType: within,
    enableExtendedGroups: flag,
    enableHttpsTrafficOnly: { ...flag, wireName: "supportsHttpsTrafficOnly" },
    enableNfsV3: { ...flag, wireName: "isNfsV3Enabled", forceNew: true },
    encryption: whole,
    extendedLocation: { type: "object", forceNew: true },
    identity: { type: "object" },
    immutableStorageWithVersioning: { ...whole, forceNew: true },
    isHnsEnabled: { ...flag, forceNew: true },
    isLocalUserEnabled: flag,
    isSftpEnabled: flag,
    keyCreationTime: answeredWhole,
    keyPolicy: whole,
    kind: { type: "string", required: true },
    largeFileSharesState: within,
    location: { type: "string", required: true, forceNew: true },
    minimumTlsVersion: within,
    networkRuleSet: { ...whole, wireName: "networkAcls" },
    primaryEndpoints: answeredWhole,
    primaryLocation: answered,
    privateEndpointConnections: { type: "array", wireContainer, readOnly: true },
    provisioningState: answered,
    publicNetworkAccess: within,
    routingPreference: whole,
    sasPolicy: whole,
    sku: {
      type: "object",
      required: true,
      members: {
        name: { type: "string", required: true },
        tier: { type: "string", readOnly: true },
      },
    },
    statusOfPrimary: answered,
    tags,
  },
};

const retention: Members = {
  allowPermanentDelete: { type: "boolean" },
  days: { type: "integer" },
  enabled: { type: "boolean" },
};

export const blobServiceProperties: ResourceSpec = {
  token: "azure-native:storage:BlobServiceProperties",
  apiVersion: API_VERSION,
  path: `${ACCOUNTS}/{accountName}/blobServices/{blobServicesName}`,
  parameters: [group, accountName, { name: "blobServicesName", autoName: "copy" }],
  body: {
    ...identity,
    automaticSnapshotPolicyEnabled: flag,
    changeFeed: whole,
    containerDeleteRetentionPolicy: { ...whole, members: retention },
    cors: whole,
    defaultServiceVersion: within,
    deleteRetentionPolicy: { ...whole, members: retention },
    isVersioningEnabled: flag,
    lastAccessTimeTrackingPolicy: whole,
    restorePolicy: whole,
    sku: {
      type: "object",
      readOnly: true,
      members: { name: text, tier: text },
    },
  },
  isThereAlready: true,
};

export const blobContainer: ResourceSpec = {
  token: "azure-native:storage:BlobContainer",
  apiVersion: API_VERSION,
  path: `${ACCOUNTS}/{accountName}/blobServices/default/containers/{containerName}`,
  parameters: [
    group,
    accountName,
    { name: "containerName", autoName: "copy", minLength: 3, maxLength: 63 },
  ],
  body: {
    ...identity,
    defaultEncryptionScope: within,
    deleted: answeredFlag,
    denyEncryptionScopeOverride: flag,
    enableNfsV3AllSquash: flag,
    enableNfsV3RootSquash: flag,
    etag: { type: "string", readOnly: true },
    hasImmutabilityPolicy: answeredFlag,
    hasLegalHold: answeredFlag,
    immutableStorageWithVersioning: whole,
    lastModifiedTime: answered,
    leaseState: answered,
    leaseStatus: answered,
    metadata: { type: "map", items: { type: "string" }, wireContainer },
    publicAccess: within,
    remainingRetentionDays: { type: "integer", wireContainer, readOnly: true },
  },
};
