// Microsoft.KeyVault at subscription level: soft-deleted vaults, their purge, and whether a name is free.
import { z } from "zod";
import { vaultId, type DeletedVault } from "../vault/store";
import { readBody } from "./body";
import { ArmError } from "./errors";
import { ok, type ArmCall, type ArmRoute } from "./router";
import { requireVaultName } from "./vault-input";

const BASE = "/subscriptions/{subscriptionId}/providers/Microsoft.KeyVault";
const PATH = `${BASE}/locations/{location}/deletedVaults/{vault}`;
const shared = { type: "Microsoft.KeyVault/deletedVaults" } as const;

const NameBody = z.object({ name: z.string(), type: z.literal("Microsoft.KeyVault/vaults") });

export const deletedVaultRoutes: readonly ArmRoute[] = [
  {
    ...shared,
    method: "GET",
    path: `${BASE}/deletedVaults`,
    action: "Microsoft.KeyVault/deletedVaults/read",
    scope: subscription,
    run: (call) => ok({ value: call.resources.vaults.listDeleted(call.now).map(answer) }),
  },
  {
    ...shared,
    method: "GET",
    path: PATH,
    action: "Microsoft.KeyVault/locations/deletedVaults/read",
    scope: subscription,
    run: (call) => ok(answer(required(call))),
  },
  {
    ...shared,
    method: "POST",
    path: `${PATH}/purge`,
    action: "Microsoft.KeyVault/locations/deletedVaults/purge/action",
    scope: subscription,
    run: (call) => {
      const vault = required(call);
      if (vault.properties.enablePurgeProtection) {
        throw new ArmError(
          405,
          "MethodNotAllowed",
          "Operation 'DeletedVaultPurge' is not allowed.",
        );
      }
      call.resources.vaults.purge(vault);
      return { status: 200 };
    },
  },
  {
    ...shared,
    method: "POST",
    path: `${BASE}/checkNameAvailability`,
    run: (call) => ok(availability(call)),
  },
];

function subscription(params: Readonly<Record<string, string>>): string {
  return `/subscriptions/${params["subscriptionId"] ?? ""}`;
}

function availability({ request, resources, now }: ArmCall): object {
  const { name } = readBody(NameBody, request.body);
  try {
    requireVaultName(name);
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    return { nameAvailable: false, reason: "AccountNameInvalid", message: error.message };
  }
  if (resources.vaults.find(name) ?? resources.vaults.findDeleted(name, now)) {
    const message = `The vault name '${name}' is already in use.`;
    return { nameAvailable: false, reason: "AlreadyExists", message };
  }
  return { nameAvailable: true };
}

function required({ resources, params, now }: ArmCall): DeletedVault {
  const name = params["vault"] ?? "";
  const vault = resources.vaults.findDeleted(name, now);
  if (vault?.location === params["location"]?.toLowerCase().replaceAll(" ", "") && vault) {
    return vault;
  }
  throw new ArmError(
    404,
    "DeletedVaultNotFound",
    `The specified deleted vault '${name}' does not exist.`,
  );
}

function answer(vault: DeletedVault): object {
  const { location, tags, deletion, properties } = vault;
  const { subscriptionId, name } = vault;
  return {
    id: `/subscriptions/${subscriptionId}/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/${name}`,
    name,
    type: "Microsoft.KeyVault/deletedVaults",
    properties: {
      vaultId: vaultId(vault),
      location,
      tags,
      deletionDate: deletion.deletedAt.toISOString(),
      scheduledPurgeDate: deletion.scheduledPurgeAt.toISOString(),
      ...(properties.enablePurgeProtection ? { purgeProtectionEnabled: true } : {}),
    },
  };
}
