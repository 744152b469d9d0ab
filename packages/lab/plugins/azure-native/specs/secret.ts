// `azure-native:keyvault:Secret`, API version 2024-11-01, and the same at 2026-02-01. ARM takes the value and never gives it back.
import {
  answered,
  atVersion,
  flag,
  identity,
  object,
  tags,
  text,
  type Members,
  type ResourceSpec,
} from "../spec";

const attributes: Members = {
  created: { type: "integer", readOnly: true },
  enabled: flag,
  expires: { type: "integer", wireName: "exp" },
  notBefore: { type: "integer", wireName: "nbf" },
  updated: { type: "integer", readOnly: true },
};

const properties: Members = {
  attributes: object(attributes),
  contentType: text,
  secretUri: answered,
  secretUriWithVersion: answered,
  value: text,
};

export const secret: ResourceSpec = {
  token: "azure-native:keyvault:Secret",
  apiVersion: "2024-11-01",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.KeyVault/vaults/{vaultName}/secrets/{secretName}",
  parameters: [
    { name: "resourceGroupName", minLength: 1, maxLength: 90 },
    { name: "vaultName", pattern: "^[a-zA-Z0-9-]{3,24}$" },
    { name: "secretName", autoName: "copy", pattern: "^[a-zA-Z0-9-]{1,127}$" },
  ],
  body: {
    ...identity,
    location: answered,
    properties: { ...object(properties), required: true },
    tags,
  },
};

export const secret2026: ResourceSpec = atVersion(secret, "2026-02-01");
