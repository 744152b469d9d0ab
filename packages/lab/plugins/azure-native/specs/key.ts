// `azure-native:keyvault:Key`, API version 2024-11-01, and the same at 2026-02-01. It is given `properties`, and the SDK has what is
// answered one level higher.
import { ProviderError } from "../../provider/errors";
import type { Exceptions } from "../resource";
import {
  answered,
  atVersion,
  flag,
  identity,
  integer,
  object,
  tags,
  text,
  texts,
  type Members,
  type Property,
  type ResourceSpec,
} from "../spec";

const attributes: Members = {
  created: { type: "integer", readOnly: true },
  enabled: flag,
  expires: { type: "integer", wireName: "exp" },
  exportable: flag,
  notBefore: { type: "integer", wireName: "nbf" },
  recoveryLevel: answered,
  updated: { type: "integer", readOnly: true },
};

const properties: Members = {
  attributes: object(attributes),
  curveName: text,
  keyOps: texts,
  keySize: integer,
  kty: text,
  releasePolicy: { type: "object", wireName: "release_policy" },
  rotationPolicy: { type: "object" },
};

const above = (property: Property): Property => ({
  ...property,
  wireContainer: "properties",
  readOnly: true,
});

export const key: ResourceSpec = {
  token: "azure-native:keyvault:Key",
  apiVersion: "2024-11-01",
  path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.KeyVault/vaults/{vaultName}/keys/{keyName}",
  parameters: [
    { name: "resourceGroupName", minLength: 1, maxLength: 90 },
    { name: "vaultName", pattern: "^[a-zA-Z0-9-]{3,24}$" },
    { name: "keyName", autoName: "copy", pattern: "^[a-zA-Z0-9-]{1,127}$" },
  ],
  body: {
    ...identity,
    attributes: above(object(attributes)),
    curveName: above(text),
    keyOps: above(texts),
    keySize: above(integer),
    keyUri: above(text),
    keyUriWithVersion: above(text),
    kty: above(text),
    location: answered,
    properties: { ...object(properties), required: true, writeOnly: true },
    tags,
  },
};

export const key2026: ResourceSpec = atVersion(key, "2026-02-01");

/** The vendor's plugin deletes a key through the vault itself, which the lab does not have. */
export const keyExceptions: Exceptions = {
  remove: () => {
    throw new ProviderError("The lab deletes no key of a vault: it has no data plane of keys.");
  },
};
