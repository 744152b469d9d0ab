// Looks whether somebody who is to read the vault has the role on it already, by an assignment that this stack did not make:
// Azure makes no second one. That one is left as it is, and nothing is declared in its place.
import { log } from "@pulumi/pulumi";
import { z } from "zod";
import { SECRETS_USER } from "../decide/vault-plan";
import { type AzureReader, openAzure } from "../http/azure";
import { reasonOf } from "../http/patient-reader";
import type { KeyturnConfig } from "../keyturn-config";
import { type Resources, azureResources } from "./state";

const ASSIGNMENTS = "Microsoft.Authorization/roleAssignments";
const VAULTS = "Microsoft.KeyVault/vaults";
const list = z.object({
  value: z.array(
    z.object({
      id: z.string(),
      properties: z.object({
        scope: z.string(),
        principalId: z.string(),
        roleDefinitionId: z.string(),
      }),
    }),
  ),
});

type Readers = KeyturnConfig["vaultReaders"];

/** The readers who are to be given the role by this stack. @param component resource name of the vault's component */
export async function readersToDeclare(
  config: KeyturnConfig,
  resources: Resources,
  component: string,
): Promise<Readers> {
  const { vaultReaders: readers } = config;
  const held = new Set(azureResources(resources, ASSIGNMENTS).map(({ name }) => name));
  const isHeld = (id: string): boolean => held.has(`${component}-reader-${id}`);
  const open = readers.filter(({ principalObjectId }) => !isHeld(principalObjectId));
  const vaultId = vaultIdOf(config, resources, component);
  if (open.length === 0 || vaultId === undefined) return readers;
  try {
    const azure = await openAzure(config);
    const given = new Set<string>();
    for (const { principalObjectId } of open) {
      const id = await assignmentOf(azure, vaultId, principalObjectId);
      if (id === undefined) continue;
      given.add(principalObjectId);
      await log.info(
        `vaultReaders: ${principalObjectId} may read the vault's secrets already, by an assignment that is not in this stack's ` +
          `state (${id}). It is left as it is, also when this stack goes.`,
      );
    }
    return readers.filter(({ principalObjectId }) => !given.has(principalObjectId));
  } catch (error) {
    await log.warn(`Who may read the vault already could not be read: ${reasonOf(error)}.`);
    return readers;
  }
}

/** The assignment of the role on the vault itself; one further up does not stand in the way. @throws AzureUnread */
export async function assignmentOf(
  azure: AzureReader,
  vaultId: string,
  principalObjectId: string,
): Promise<string | undefined> {
  const path = `${vaultId}/providers/Microsoft.Authorization/roleAssignments`;
  const filter = `principalId eq '${principalObjectId}'`;
  const found = await azure.arm(path, ASSIGNMENTS, list, { $filter: filter });
  return found?.value.find(({ properties: { scope, principalId, roleDefinitionId } }) => {
    const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
    const role = roleDefinitionId.split("/").at(-1) ?? "";
    return same(scope, vaultId) && same(principalId, principalObjectId) && same(role, SECRETS_USER);
  })?.id;
}

/** Undefined while the vault is still to be made. */
function vaultIdOf(
  { vaultCreate, vaultName, vaultResourceGroup, subscriptionId }: KeyturnConfig,
  resources: Resources,
  component: string,
): string | undefined {
  const inGroup = `/subscriptions/${subscriptionId}/resourceGroups/${vaultResourceGroup}`;
  if (!vaultCreate) return `${inGroup}/providers/${VAULTS}/${vaultName}`;
  const held = azureResources(resources, VAULTS).find(({ name }) => name === `${component}-vault`);
  const id = held?.outputs["id"] ?? held?.outputs["name"];
  if (typeof id !== "string") return undefined;
  return id.startsWith("/") ? id : `${inGroup}/providers/${VAULTS}/${id}`;
}
