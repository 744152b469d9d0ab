// Microsoft.KeyVault/vaults: the control plane of vaults. Answers at once, where Azure polls.
import { vaultUri } from "../vault/server";
import { vaultId, type AccessPolicy, type Vault } from "../vault/store";
import { readBody } from "./body";
import { ArmError, locationRequired, resourceNotFound } from "./errors";
import { deletedVaultExists, movedVault, vaultExists } from "./vault-conflicts";
import { required as requiredGroup } from "./groups";
import { ok, type ArmAnswer, type ArmCall, type ArmRoute } from "./router";
import {
  AccessPoliciesBody,
  mergeProperties,
  readVaultBody,
  requireVaultName,
} from "./vault-input";

export const VAULTS_PATH =
  "/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults";
const TYPE = "Microsoft.KeyVault/vaults";
const PATH = `${VAULTS_PATH}/{vault}`;
const shared = { type: TYPE } as const;
const OF_VAULTS = /^resourceType eq 'Microsoft\.KeyVault\/vaults'$/i;

export const vaultRoutes: readonly ArmRoute[] = [
  { ...shared, method: "PUT", path: PATH, action: `${TYPE}/write`, run: put },
  { ...shared, method: "PATCH", path: PATH, action: `${TYPE}/write`, run: patch },
  {
    ...shared,
    method: "GET",
    path: PATH,
    action: `${TYPE}/read`,
    run: (call) => ok(answer(call, requiredVault(call))),
  },
  {
    ...shared,
    method: "DELETE",
    path: PATH,
    action: `${TYPE}/delete`,
    run: (call) => {
      const vault = findVault(call);
      if (!vault) return { status: 204 };
      call.resources.vaults.delete(vault, call.now);
      call.resources.forgetAssignmentsUnder(vaultId(vault));
      return { status: 200 };
    },
  },
  {
    ...shared,
    method: "PUT",
    path: `${PATH}/accessPolicies/{operation}`,
    action: `${TYPE}/accessPolicies/write`,
    run: putAccessPolicies,
  },
  {
    ...shared,
    method: "GET",
    path: VAULTS_PATH,
    action: `${TYPE}/read`,
    run: (call) => {
      const group = requiredGroup(call).name.toLowerCase();
      const found = call.resources.vaults
        .list()
        .filter((vault) => vault.resourceGroup.toLowerCase() === group);
      return ok({ value: found.map((vault) => answer(call, vault)) });
    },
  },
  {
    ...shared,
    method: "GET",
    path: "/subscriptions/{subscriptionId}/providers/Microsoft.KeyVault/vaults",
    run: (call) => ok({ value: readable(call).map((vault) => answer(call, vault)) }),
  },
  // The Azure CLI finds a vault by its name so: every kind of resource is listed, by a filter.
  {
    type: "Microsoft.Resources/resourceGroups",
    method: "GET",
    path: "/subscriptions/{subscriptionId}/resources",
    run: (call) => {
      const filter = call.request.query.get("$filter") ?? "";
      if (!OF_VAULTS.test(filter)) {
        const said = `The lab lists resources by "resourceType eq '${TYPE}'" only, not by "${filter}".`;
        throw new ArmError(400, "InvalidFilterInQueryString", said);
      }
      const value = readable(call).map((vault) => {
        const { name, location, tags } = vault;
        return { id: vaultId(vault), name, type: TYPE, location, tags };
      });
      return ok({ value });
    },
  },
];

/** The vaults that the caller may read. */
function readable({ resources, caller }: ArmCall): readonly Vault[] {
  const mayRead = (vault: Vault): boolean =>
    resources.holds(caller.servicePrincipalObjectId, "actions", `${TYPE}/read`, vaultId(vault));
  return resources.vaults.list().filter(mayRead);
}

function put(call: ArmCall): ArmAnswer {
  const { resources, params, request, now, context } = call;
  const group = requiredGroup(call);
  const name = requireVaultName(params["vault"] ?? "");
  const body = readVaultBody(request.body);
  if (body.location === undefined) throw locationRequired();
  const location = body.location.toLowerCase().replaceAll(" ", "");
  const existing = resources.vaults.find(name);
  const deleted = resources.vaults.findDeleted(name, now);
  if (existing && existing.resourceGroup.toLowerCase() !== group.name.toLowerCase()) {
    throw vaultExists(name);
  }
  if (existing && existing.location !== location) throw movedVault(existing, location);
  const recovers = body.properties?.createMode === "recover";
  if (deleted && !recovers) throw deletedVaultExists();
  if (!deleted && recovers && !existing) {
    throw new ArmError(404, "VaultNotFound", `There is no deleted vault '${name}' to recover.`);
  }
  const before = existing ?? deleted;
  const properties = mergeProperties(body, before?.properties, isRbacDefault(call));
  requireModelChange(call, existing, properties.enableRbacAuthorization);
  const vault = resources.vaults.put({
    subscriptionId: context.subscriptionId,
    resourceGroup: before?.resourceGroup ?? group.name,
    name: before?.name ?? name,
    location: before?.location ?? location,
    tags: body.tags ?? {},
    properties,
    systemData: systemData(call, before),
  });
  return { status: existing ? 200 : 201, body: answer(call, vault) };
}

function patch(call: ArmCall): ArmAnswer {
  const vault = requiredVault(call);
  const body = readVaultBody(call.request.body);
  const properties = mergeProperties(body, vault.properties, isRbacDefault(call));
  requireModelChange(call, vault, properties.enableRbacAuthorization);
  const tags = body.tags ?? vault.tags;
  const changed = { ...vault, tags, properties, systemData: systemData(call, vault) };
  return ok(answer(call, call.resources.vaults.put(changed)));
}

function putAccessPolicies(call: ArmCall): ArmAnswer {
  const vault = requiredVault(call);
  const { properties } = readBody(AccessPoliciesBody, call.request.body);
  const given = properties.accessPolicies as AccessPolicy[];
  const others = vault.properties.accessPolicies.filter(
    (held) => !given.some((one) => one.objectId === held.objectId),
  );
  const operation = (call.params["operation"] ?? "").toLowerCase();
  const next: Record<string, readonly AccessPolicy[]> = {
    add: [...others, ...given],
    replace: given,
    remove: others,
  };
  const accessPolicies = next[operation];
  if (!accessPolicies) throw new ArmError(400, "BadRequest", `Unknown operation '${operation}'.`);
  call.resources.vaults.put({ ...vault, properties: { ...vault.properties, accessPolicies } });
  return ok({
    id: `${vaultId(vault)}/accessPolicies/`,
    type: `${TYPE}/accessPolicies`,
    properties: { accessPolicies },
  });
}

/** From this version on a new vault that says nothing uses RBAC; whatever is there keeps what it has. */
function isRbacDefault({ apiVersion }: ArmCall): boolean {
  return apiVersion >= "2026-02-01";
}

/** Who moves a vault between RBAC and access policies must be able to assign roles. */
function requireModelChange(call: ArmCall, vault: Vault | undefined, rbac: boolean): void {
  if (!vault || vault.properties.enableRbacAuthorization === rbac) return;
  const action = "Microsoft.Authorization/roleAssignments/write";
  const oid = call.caller.servicePrincipalObjectId;
  if (call.resources.holds(oid, "actions", action, vaultId(vault))) return;
  throw new ArmError(
    403,
    "InsufficientPermissions",
    `Caller is not allowed to change permission model. For more information on how to change the permissions model follow this link: https://go.microsoft.com/fwlink/?linkid=2155160. Details: oid=${oid}; action=${action}; resource=${vaultId(vault)}; decision=NotAllowed; `,
  );
}

/** The vault of a request, when it exists in the named group. */
export function findVault(call: ArmCall): Vault | undefined {
  const group = requiredGroup(call);
  const vault = call.resources.vaults.find(call.params["vault"] ?? "");
  return vault?.resourceGroup.toLowerCase() === group.name.toLowerCase() ? vault : undefined;
}

export function requiredVault(call: ArmCall): Vault {
  const vault = findVault(call);
  if (vault) return vault;
  throw resourceNotFound(TYPE, call.params["vault"] ?? "", call.params["group"] ?? "");
}

function systemData({ caller, now }: ArmCall, before: Vault | undefined) {
  return {
    createdBy: before?.systemData.createdBy ?? caller.clientId,
    createdAt: before?.systemData.createdAt ?? now.toISOString(),
    lastModifiedBy: caller.clientId,
    lastModifiedAt: now.toISOString(),
  };
}

function answer({ context }: ArmCall, vault: Vault): object {
  const { createdBy, createdAt, lastModifiedBy, lastModifiedAt } = vault.systemData;
  return {
    id: vaultId(vault),
    name: vault.name,
    type: TYPE,
    location: vault.location,
    tags: vault.tags,
    systemData: {
      createdBy,
      createdByType: "Application",
      createdAt,
      lastModifiedBy,
      lastModifiedByType: "Application",
      lastModifiedAt,
    },
    properties: {
      ...vault.properties,
      vaultUri: `${vaultUri(vault.name, context)}/`,
      provisioningState: "Succeeded",
    },
  };
}
