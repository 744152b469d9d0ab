// Microsoft.Storage/storageAccounts: the control plane of accounts. What the lab does not model is refused by name. Answers at
// once, where Azure polls.
import { z } from "zod";
import { readBody, Tags } from "./body";
import { ArmError, locationRequired, resourceNotFound } from "./errors";
import { required as requiredGroup } from "./groups";
import { ok, type ArmAnswer, type ArmCall, type ArmRoute } from "./router";
import type { StorageAccount } from "./storage-store";

const TYPE = "Microsoft.Storage/storageAccounts";
export const ACCOUNT_PATH =
  "/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{account}";
const shared = { type: TYPE, path: ACCOUNT_PATH } as const;
const Name = /^[a-z0-9]{3,24}$/;

const Body = z.strictObject({
  location: z.string().min(1).optional(),
  kind: z.literal("StorageV2"),
  sku: z.strictObject({
    name: z.enum(["Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_RAGRS"]),
  }),
  tags: Tags.nullish(),
  properties: z
    .strictObject({
      accessTier: z.enum(["Hot", "Cool"]).optional(),
      allowBlobPublicAccess: z.boolean().optional(),
      allowCrossTenantReplication: z.boolean().optional(),
      allowSharedKeyAccess: z.boolean().optional(),
      defaultToOAuthAuthentication: z.boolean().optional(),
      minimumTlsVersion: z.enum(["TLS1_0", "TLS1_1", "TLS1_2"]).optional(),
      publicNetworkAccess: z.enum(["Enabled", "Disabled"]).optional(),
      supportsHttpsTrafficOnly: z.boolean().optional(),
    })
    .optional(),
});

/** What the service takes where the body of a new account says nothing. */
const DEFAULTS = {
  accessTier: "Hot",
  allowBlobPublicAccess: false,
  allowCrossTenantReplication: false,
  minimumTlsVersion: "TLS1_0",
  supportsHttpsTrafficOnly: true,
};

export const storageAccountRoutes: readonly ArmRoute[] = [
  { ...shared, method: "PUT", action: `${TYPE}/write`, run: put },
  {
    ...shared,
    method: "GET",
    action: `${TYPE}/read`,
    run: (call) => ok(answer(call, requiredAccount(call))),
  },
  {
    ...shared,
    method: "DELETE",
    action: `${TYPE}/delete`,
    run: (call) => {
      const account = findAccount(call);
      if (account === undefined) return { status: 204 };
      call.resources.storage.remove(account);
      call.resources.forgetAssignmentsUnder(accountId(call, account));
      return { status: 200 };
    },
  },
];

function put(call: ArmCall): ArmAnswer {
  const { resources, params, request, now } = call;
  const group = requiredGroup(call);
  const name = requireAccountName(params["account"] ?? "");
  const body = readBody(Body, request.body);
  if (body.location === undefined) throw locationRequired();
  const location = body.location.toLowerCase().replaceAll(" ", "");
  const existing = resources.storage.find(name);
  if (existing !== undefined) requireSame(existing, group.name, location);
  resources.storage.put({
    group: existing?.group ?? group.name,
    name,
    location,
    kind: body.kind,
    sku: body.sku.name,
    tags: body.tags ?? {},
    properties: { ...(existing?.properties ?? DEFAULTS), ...body.properties },
    createdAt: existing?.createdAt ?? now.toISOString(),
  });
  return ok(answer(call, requiredAccount(call)));
}

function requireSame(existing: StorageAccount, group: string, location: string): void {
  const { name } = existing;
  if (existing.group.toLowerCase() !== group.toLowerCase()) {
    const said = `The storage account named ${name} already exists under the subscription.`;
    throw new ArmError(409, "StorageAccountInAnotherResourceGroup", said);
  }
  if (existing.location === location) return;
  throw new ArmError(
    409,
    "InvalidResourceLocation",
    `The resource '${name}' already exists in location '${existing.location}' in resource group '${group}'. A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`,
  );
}

function requireAccountName(name: string): string {
  if (Name.test(name)) return name;
  throw new ArmError(
    400,
    "AccountNameInvalid",
    `${name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.`,
  );
}

/** The account of a request, when it exists in the named group. */
function findAccount(call: ArmCall): StorageAccount | undefined {
  const group = requiredGroup(call);
  const account = call.resources.storage.find(call.params["account"]?.toLowerCase() ?? "");
  return account?.group.toLowerCase() === group.name.toLowerCase() ? account : undefined;
}

export function requiredAccount(call: ArmCall): StorageAccount {
  const account = findAccount(call);
  if (account !== undefined) return account;
  throw resourceNotFound(TYPE, call.params["account"] ?? "", call.params["group"] ?? "");
}

export function accountId({ context }: ArmCall, { group, name }: StorageAccount): string {
  return `/subscriptions/${context.subscriptionId}/resourceGroups/${group}/providers/${TYPE}/${name}`;
}

/** Name and tier. */
export function skuOf({ sku }: StorageAccount): object {
  return { name: sku, tier: "Standard" };
}

function answer(call: ArmCall, account: StorageAccount): object {
  const { name, kind, location, tags, properties, createdAt } = account;
  const key = { enabled: true, keyType: "Account", lastEnabledTime: createdAt };
  return {
    id: accountId(call, account),
    name,
    type: TYPE,
    kind,
    location,
    sku: skuOf(account),
    tags,
    properties: {
      ...properties,
      creationTime: createdAt,
      encryption: { keySource: "Microsoft.Storage", services: { blob: key, file: key } },
      keyCreationTime: { key1: createdAt, key2: createdAt },
      networkAcls: {
        bypass: "AzureServices",
        defaultAction: "Allow",
        ipRules: [],
        virtualNetworkRules: [],
      },
      primaryEndpoints: { blob: `https://${name}.blob.core.windows.net/` },
      primaryLocation: location,
      privateEndpointConnections: [],
      provisioningState: "Succeeded",
      statusOfPrimary: "available",
    },
  };
}
