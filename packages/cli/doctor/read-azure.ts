// Reads the caller's roles and the vault from Azure, and hands them to their decisions.
import { z } from "zod";
import { uniqueVaultName, vaultSecretNames } from "../../../src/decide/vault-name";
import { type AzureReader, AzureUnread } from "../../../src/http/azure";
import type { KeyturnConfig } from "../../../src/keyturn-config";
import { azureResources, stateOutput } from "../../../src/observe/state";
import { readStanding } from "../../../src/observe/vault";
import type { Facts } from "./facts";
import { type Finding, fails } from "./finding";
import { azureRightsFindings } from "./identity";
import { Unmet } from "./run-checks";
import { vaultFindings } from "./vault";

const VAULTS = "Microsoft.KeyVault/vaults";
const SECRETS = "Microsoft.KeyVault/vaults/secrets";
const group = z.object({ location: z.string() });
const assignments = z.object({
  value: z.array(
    z.object({ properties: z.object({ roleDefinitionId: z.string(), scope: z.string() }) }),
  ),
});
const vault = z.object({
  properties: z.object({ enablePurgeProtection: z.boolean().nullish() }),
});
const anything = z.looseObject({});

/** The resource group, and the caller's roles on it. */
export async function readAzureRights(facts: Facts): Promise<Finding[]> {
  const [config, azure, { claims }] = await Promise.all([
    facts.config(),
    facts.azure(),
    facts.graph(),
  ]);
  const path = groupPath(config);
  return refusedIsUnmet(async () => {
    const found = await azure.arm(path, "Microsoft.Resources/resourceGroups", group);
    if (found === undefined)
      return [
        fails(
          "resource group",
          `${config.vaultResourceGroup} must exist in subscription ${config.subscriptionId}, but does not.`,
          `Correct vaultResourceGroup or subscriptionId in Pulumi.<stack>.yaml, or make it: az group create --name ${config.vaultResourceGroup} --location <region>`,
        ),
      ];
    if (claims.oid === undefined)
      throw new Unmet("The token does not say whose it is.", "Hold your roles to docs/rights.md.");
    const held = await azure.arm(
      `${path}/providers/Microsoft.Authorization/roleAssignments`,
      "Microsoft.Authorization/roleAssignments",
      assignments,
      { $filter: `assignedTo('${claims.oid}')` },
    );
    return azureRightsFindings(
      config,
      path,
      (held?.value ?? []).map(({ properties }) => properties),
    );
  });
}

/** The vault, its protection, and the names of its secrets. */
export async function readVaultFindings(facts: Facts): Promise<Finding[]> {
  const [config, azure, resources] = await Promise.all([
    facts.config(),
    facts.azure(),
    facts.resources(),
  ]);
  const held = azureResources(resources, VAULTS)[0];
  const stored = new Set(azureResources(resources, SECRETS).map(({ name }) => name));
  const vaultName = config.vaultName || (await vaultNameIn(facts));
  const intent = {
    vaultName,
    resourceGroupName: config.vaultResourceGroup,
    create: config.vaultCreate,
    held: held !== undefined,
  };
  const names = vaultSecretNames(config.name, config.consumers).filter(
    (name) => !stored.has(`${name}-secret`),
  );
  return refusedIsUnmet(async () => {
    const none = { vault: "free", secrets: {}, notes: [] } as const;
    const reading = vaultName === "" ? none : await readStanding(azure, config, intent, names);
    const path = `${groupPath(config)}/providers/${VAULTS}/${vaultName}`;
    const live = reading.vault === "live";
    const found = live ? await azure.arm(path, VAULTS, vault) : undefined;
    return vaultFindings({
      intent,
      reading,
      heldName: nameOf(held?.outputs["name"]),
      isPurgeProtected: found && found.properties.enablePurgeProtection === true,
      wantsPurgeProtection: config.vaultPurgeProtection !== "never",
      refusal: live ? await refusalOf(azure, vaultName) : undefined,
    });
  });
}

/** `<vault>:<credential>` as the host's journal knows it is made of this name; empty before there is a vault. */
export async function vaultNameIn(facts: Facts): Promise<string> {
  const [{ name, vaultName }, resources] = await Promise.all([facts.config(), facts.resources()]);
  if (vaultName !== "") return vaultName;
  const type = "random:index/randomString:RandomString";
  // The component's name by `componentNames` of src/observe, which would load every plugin's SDK.
  const drawn = stateOutput(resources, type, `${name}-vault-name`, "result");
  return typeof drawn === "string" ? uniqueVaultName(name, drawn) : "";
}

function nameOf(output: unknown): string {
  return typeof output === "string" ? output : "";
}

async function refusalOf(azure: AzureReader, vaultName: string): Promise<string | undefined> {
  try {
    await azure.vault(vaultName, "/secrets", anything);
    return undefined;
  } catch (error) {
    if (error instanceof AzureUnread) return error.message;
    throw error;
  }
}

function groupPath({
  subscriptionId,
  vaultResourceGroup,
}: Pick<KeyturnConfig, "subscriptionId" | "vaultResourceGroup">): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${vaultResourceGroup}`;
}

async function refusedIsUnmet<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof AzureUnread)) throw error;
    throw new Unmet(
      `${error.message}.`,
      "Give whoever is signed in the roles of docs/rights.md on the resource group, or see that subscriptionId is right.",
    );
  }
}
