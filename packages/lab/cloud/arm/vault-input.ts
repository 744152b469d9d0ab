// Reads and checks the body of a vault's PUT or PATCH against what the vault already is.
import { z } from "zod";
import type { NetworkAcls, VaultProperties } from "../vault/store";
import { readBody, Tags } from "./body";
import { ArmError, badRequest } from "./errors";

const Permissions = z.object({
  keys: z.array(z.string()).optional(),
  secrets: z.array(z.string()).optional(),
  certificates: z.array(z.string()).optional(),
  storage: z.array(z.string()).optional(),
});

const AccessPolicies = z.array(
  z.object({
    tenantId: z.guid(),
    objectId: z.string().min(1),
    applicationId: z.guid().optional(),
    permissions: Permissions,
  }),
);

export const AccessPoliciesBody = z.object({
  properties: z.object({ accessPolicies: AccessPolicies }),
});

const NetworkAcls = z.object({
  bypass: z.enum(["AzureServices", "None"]).optional(),
  defaultAction: z.enum(["Allow", "Deny"]).optional(),
  ipRules: z.array(z.object({ value: z.string() })).optional(),
  virtualNetworkRules: z.array(z.looseObject({ id: z.string() })).optional(),
});

const Body = z.object({
  location: z.string().min(1).optional(),
  tags: Tags.nullish(),
  properties: z
    .object({
      tenantId: z.guid().optional(),
      sku: z
        .object({ family: z.literal("A"), name: z.string().regex(/^(standard|premium)$/i) })
        .optional(),
      accessPolicies: AccessPolicies.nullish(),
      createMode: z.enum(["default", "recover"]).nullish(),
      enabledForDeployment: z.boolean().nullish(),
      enabledForDiskEncryption: z.boolean().nullish(),
      enabledForTemplateDeployment: z.boolean().nullish(),
      enableSoftDelete: z.boolean().nullish(),
      softDeleteRetentionInDays: z.int().nullish(),
      enableRbacAuthorization: z.boolean().nullish(),
      enablePurgeProtection: z.boolean().nullish(),
      networkAcls: NetworkAcls.nullish(),
      publicNetworkAccess: z.string().nullish(),
    })
    .optional(),
});

export type VaultBody = z.infer<typeof Body>;

export const DEFAULT_RETENTION_DAYS = 90;

export function readVaultBody(body: unknown): VaultBody {
  return readBody(Body, body);
}

export function requireVaultName(name: string): string {
  if (/^[a-z](?!.*--)[a-z0-9-]{1,22}[a-z0-9]$/i.test(name)) return name;
  throw new ArmError(
    400,
    "VaultNameNotValid",
    `The vault name '${name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens. Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2147742`,
  );
}

/** The properties after a write: what the body leaves out stays, or takes the service's default. */
export function mergeProperties(
  body: VaultBody,
  existing: VaultProperties | undefined,
  rbacByDefault: boolean,
): VaultProperties {
  const given = body.properties ?? {};
  const tenantId = given.tenantId ?? existing?.tenantId;
  const sku = given.sku ?? existing?.sku;
  if (tenantId === undefined) throw badRequest("The parameter tenantId is not specified");
  if (sku === undefined) throw badRequest("The parameter sku is not specified");
  const enableRbacAuthorization =
    given.enableRbacAuthorization ?? existing?.enableRbacAuthorization ?? rbacByDefault;
  const accessPolicies = given.accessPolicies ?? existing?.accessPolicies;
  if (accessPolicies === undefined && !enableRbacAuthorization) {
    throw badRequest("The parameter accessPolicies is not specified");
  }
  const networkAcls = given.networkAcls ?? existing?.networkAcls;
  return {
    tenantId,
    sku,
    accessPolicies: (accessPolicies ?? []) as VaultProperties["accessPolicies"],
    enabledForDeployment: given.enabledForDeployment ?? existing?.enabledForDeployment ?? false,
    enabledForDiskEncryption:
      given.enabledForDiskEncryption ?? existing?.enabledForDiskEncryption ?? false,
    enabledForTemplateDeployment:
      given.enabledForTemplateDeployment ?? existing?.enabledForTemplateDeployment ?? false,
    enableSoftDelete: requireSoftDelete(given.enableSoftDelete),
    softDeleteRetentionInDays: retention(given.softDeleteRetentionInDays, existing),
    enableRbacAuthorization,
    ...(purgeProtection(given.enablePurgeProtection, existing) && { enablePurgeProtection: true }),
    ...(networkAcls === undefined ? {} : { networkAcls: networkAcls as NetworkAcls }),
    publicNetworkAccess: given.publicNetworkAccess ?? existing?.publicNetworkAccess ?? "Enabled",
  };
}

function requireSoftDelete(enabled: boolean | null | undefined): true {
  if (enabled !== false) return true;
  throw badRequest(
    "The property \"enableSoftDelete\" can be set to false only for creating new vault. Enabling the 'soft delete' functionality is an irreversible action.",
  );
}

function retention(days: number | null | undefined, existing: VaultProperties | undefined): number {
  const current = existing?.softDeleteRetentionInDays;
  if (days == null) return current ?? DEFAULT_RETENTION_DAYS;
  if (days < 7 || days > 90) {
    throw badRequest(
      'The property "softDeleteRetentionInDays" must be between 7 and 90, inclusive.',
    );
  }
  if (current !== undefined && current !== days) {
    throw badRequest(
      'The property "softDeleteRetentionInDays" has been set already and it can\'t be modified.',
    );
  }
  return days;
}

function purgeProtection(
  enabled: boolean | null | undefined,
  existing: VaultProperties | undefined,
): boolean {
  if (enabled === false) {
    throw badRequest(
      'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.',
    );
  }
  return enabled === true || existing?.enablePurgeProtection === true;
}
