// Microsoft.Storage/storageAccounts/blobServices and their containers. Every account has one service, named default, from the
// start. No blob can be read or written: the lab has no data plane of storage.
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { readBody } from "./body";
import { ArmError, badRequest } from "./errors";
import { ok, type ArmAnswer, type ArmCall, type ArmRoute } from "./router";
import { ACCOUNT_PATH, accountId, requiredAccount, skuOf } from "./storage-accounts";
import type { BlobContainer, StorageAccount } from "./storage-store";

const SERVICES = "Microsoft.Storage/storageAccounts/blobServices";
const CONTAINERS = `${SERVICES}/containers` as const;
const service = { type: SERVICES, path: `${ACCOUNT_PATH}/blobServices/{service}` } as const;
const container = { type: CONTAINERS, path: `${service.path}/containers/{container}` } as const;
const Name = /^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$/;

const Retention = z
  .strictObject({
    enabled: z.boolean().optional(),
    days: z.int().min(1).max(365).optional(),
    allowPermanentDelete: z.boolean().optional(),
  })
  .refine(({ enabled, days }) => enabled !== true || days !== undefined, {
    message: "days is required where enabled is true",
  });
const ServiceBody = z.strictObject({
  properties: z
    .strictObject({
      containerDeleteRetentionPolicy: Retention.optional(),
      deleteRetentionPolicy: Retention.optional(),
      isVersioningEnabled: z.boolean().optional(),
    })
    .optional(),
});
const ContainerBody = z.strictObject({
  properties: z
    .strictObject({
      metadata: z.record(z.string(), z.string()).optional(),
      publicAccess: z.enum(["None", "Blob", "Container"]).optional(),
    })
    .optional(),
});

export const blobServiceRoutes: readonly ArmRoute[] = [
  {
    ...service,
    method: "PUT",
    action: `${SERVICES}/write`,
    run: (call) => {
      const account = accountOfService(call);
      const { properties = {} } = readBody(ServiceBody, call.request.body);
      call.resources.storage.putBlobService(account, properties);
      return ok(serviceAnswer(call, account));
    },
  },
  {
    ...service,
    method: "GET",
    action: `${SERVICES}/read`,
    run: (call) => ok(serviceAnswer(call, accountOfService(call))),
  },
  { ...container, method: "PUT", action: `${CONTAINERS}/write`, run: putContainer },
  {
    ...container,
    method: "GET",
    action: `${CONTAINERS}/read`,
    run: (call) => {
      const account = accountOfService(call);
      const name = call.params["container"] ?? "";
      const found = call.resources.storage.containers(account).get(name);
      if (found !== undefined) return ok(containerAnswer(call, account, found));
      throw new ArmError(404, "ContainerNotFound", "The specified container does not exist.");
    },
  },
  {
    ...container,
    method: "DELETE",
    action: `${CONTAINERS}/delete`,
    run: (call) => {
      const account = accountOfService(call);
      const name = call.params["container"] ?? "";
      if (!call.resources.storage.containers(account).delete(name)) return { status: 204 };
      call.resources.forgetAssignmentsUnder(containerId(call, account, name));
      return { status: 200 };
    },
  },
];

function putContainer(call: ArmCall): ArmAnswer {
  const account = accountOfService(call);
  const name = call.params["container"] ?? "";
  if (!Name.test(name)) {
    const said = `The specified resource name '${name}' contains invalid characters or has a length that is not allowed.`;
    throw new ArmError(400, "ContainerOperationFailure", said);
  }
  const { properties = {} } = readBody(ContainerBody, call.request.body);
  const { publicAccess = "None" } = properties;
  if (publicAccess !== "None" && account.properties["allowBlobPublicAccess"] !== true) {
    const said = "Public access is not permitted on this storage account.";
    throw new ArmError(409, "PublicAccessNotPermitted", said);
  }
  const containers = call.resources.storage.containers(account);
  const existing = containers.get(name);
  const stored: BlobContainer = {
    name,
    properties: { ...existing?.properties, ...properties, publicAccess },
    modifiedAt: call.now.toISOString(),
    etag: `"0x${randomBytes(7).toString("hex").toUpperCase()}"`,
  };
  containers.set(name, stored);
  return { status: existing ? 200 : 201, body: containerAnswer(call, account, stored) };
}

function accountOfService(call: ArmCall): StorageAccount {
  const account = requiredAccount(call);
  if (call.params["service"]?.toLowerCase() === "default") return account;
  throw badRequest("The name of a blob service must be 'default'.");
}

function serviceId(call: ArmCall, account: StorageAccount): string {
  return `${accountId(call, account)}/blobServices/default`;
}

function containerId(call: ArmCall, account: StorageAccount, name: string): string {
  return `${serviceId(call, account)}/containers/${name}`;
}

function serviceAnswer(call: ArmCall, account: StorageAccount): object {
  return {
    id: serviceId(call, account),
    name: "default",
    type: SERVICES,
    sku: skuOf(account),
    properties: call.resources.storage.blobService(account),
  };
}

function containerAnswer(call: ArmCall, account: StorageAccount, one: BlobContainer): object {
  const { name, properties, modifiedAt, etag } = one;
  return {
    id: containerId(call, account, name),
    name,
    type: CONTAINERS,
    etag,
    properties: {
      ...properties,
      deleted: false,
      denyEncryptionScopeOverride: false,
      defaultEncryptionScope: "$account-encryption-key",
      hasImmutabilityPolicy: false,
      hasLegalHold: false,
      lastModifiedTime: modifiedAt,
      leaseState: "Available",
      leaseStatus: "Unlocked",
      remainingRetentionDays: 0,
    },
  };
}
