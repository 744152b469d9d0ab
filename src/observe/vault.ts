// Reads how the vault and the names in it stand, at the start of a run that has to make one of them; a run whose state
// holds them all reads nothing. What cannot be read is a note: Azure itself then says what is in the way.
import { log } from "@pulumi/pulumi";
import { z } from "zod";
import type { ArmResourceType } from "../arm-types";
import type { KeyturnConfig } from "../keyturn-config";
import type {
  HeldVault,
  Standing,
  VaultIntent,
  VaultPlan,
  VaultReading,
} from "../decide/vault-plan";
import { NO_VAULT_PLAN, planVault, purgeProtected } from "../decide/vault-plan";
import { uniqueVaultName } from "../decide/vault-name";
import { type AzureReader, openAzure } from "../http/azure";
import { reasonOf } from "../http/patient-reader";
import { type Resources, azureResources, stateOutput } from "./state";

const VAULTS = "Microsoft.KeyVault/vaults";
const SECRETS = "Microsoft.KeyVault/vaults/secrets";
const DELETED_VAULTS = "Microsoft.KeyVault/locations/deletedVaults";
const GROUPS = "Microsoft.Resources/resourceGroups";
const vault = z.object({
  properties: z.object({ enableRbacAuthorization: z.boolean().nullish() }),
});
const protection = z.object({ enablePurgeProtection: z.boolean().nullish() });
const group = z.object({ location: z.string() });
const anything = z.looseObject({});

/** The resource names under which the state holds the vault and its secrets. */
export interface VaultNames {
  /** Resource name of the component that makes the vault. */
  readonly component: string;
  /** Resource name of each vault secret's component, which is the secret's own name too. */
  readonly secrets: readonly string[];
}

/** Reads how the vault and its names stand, where one of them is still to be made. @throws Error that says everything that stands in the way */
export async function readVaultPlan(
  config: KeyturnConfig,
  resources: Resources,
  names: VaultNames,
): Promise<VaultPlan & { readonly purgeProtected: boolean }> {
  const known = await readVault(config, resources, names);
  const plan = known === undefined ? NO_VAULT_PLAN : planVault(known.intent, known.reading);
  for (const message of plan.messages) await log.info(message);
  const held = heldVault(resources, names.component);
  return {
    ...plan,
    purgeProtected: purgeProtected(config.vaultPurgeProtection, held, plan.recover),
  };
}

/** The vault as the last update left it in the state. */
function heldVault(resources: Resources, component: string): HeldVault {
  const held = azureResources(resources, VAULTS).find(({ name }) => name === `${component}-vault`);
  if (held === undefined) return undefined;
  const found = protection.safeParse(held.outputs["properties"]);
  return { enablePurgeProtection: found.data?.enablePurgeProtection === true };
}

/** What the state says and Azure answers; no reading when there is nothing to make, or nothing to ask about yet. */
export async function readVault(
  config: KeyturnConfig,
  resources: Resources,
  names: VaultNames,
): Promise<{ intent: VaultIntent; reading: VaultReading } | undefined> {
  const { name, vaultResourceGroup: resourceGroupName, vaultCreate: create } = config;
  const namesOf = (type: ArmResourceType): ReadonlySet<string> =>
    new Set(azureResources(resources, type).map((one) => one.name));
  const held = namesOf(VAULTS);
  const stored = namesOf(SECRETS);
  const suffix = stateOutput(
    resources,
    "random:index/randomString:RandomString",
    `${names.component}-name`,
    "result",
  );
  // A name that is still to be made has nothing in its way.
  const drawn = typeof suffix === "string" ? uniqueVaultName(name, suffix) : "";
  const vaultName = config.vaultName || drawn;
  const secrets = names.secrets.filter((secret) => !stored.has(`${secret}-secret`));
  if (vaultName === "" || secrets.length === 0) return undefined;
  const intent = {
    vaultName,
    resourceGroupName,
    create,
    held: held.has(`${names.component}-vault`),
  };
  try {
    const azure = await openAzure(config);
    return { intent, reading: await readStanding(azure, config, intent, secrets) };
  } catch (error) {
    return { intent, reading: { vault: "unknown", secrets: {}, notes: [unreadNote(error)] } };
  }
}

/** How the vault and these names in it stand. @throws AzureUnread when the vault itself cannot be asked about */
export async function readStanding(
  azure: AzureReader,
  { subscriptionId, vaultLocation }: Pick<KeyturnConfig, "subscriptionId" | "vaultLocation">,
  { vaultName, resourceGroupName, create }: VaultIntent,
  secrets: readonly string[],
): Promise<VaultReading> {
  const subscription = `/subscriptions/${subscriptionId}`;
  const inGroup = `${subscription}/resourceGroups/${resourceGroupName}`;
  const path = `${inGroup}/providers/Microsoft.KeyVault/vaults/${vaultName}`;
  const found = await azure.arm(path, VAULTS, vault);
  const notes: string[] = [];
  const noting = async (
    what: string,
    otherwise: Standing,
    look: () => Promise<Standing>,
  ): Promise<Standing> => {
    try {
      return await look();
    } catch (error) {
      notes.push(
        `Whether ${what} is deleted and recoverable could not be read: ${reasonOf(error)}.`,
      );
      return otherwise;
    }
  };
  if (found === undefined) {
    // Whoever is to use a vault that is not there needs no more than that.
    const standing = await noting(`vault ${vaultName}`, create ? "unknown" : "free", async () => {
      const location =
        vaultLocation || (await azure.arm(inGroup, GROUPS, group))?.location || "unknown";
      const place = location.toLowerCase().replaceAll(" ", "");
      const deleted = `${subscription}/providers/Microsoft.KeyVault/locations/${place}/deletedVaults/${vaultName}`;
      return (await azure.arm(deleted, DELETED_VAULTS, anything)) === undefined
        ? "free"
        : "deleted";
    });
    return { vault: standing, secrets: {}, notes };
  }
  const standings: Record<string, Standing> = {};
  for (const secret of secrets) {
    standings[secret] = await noting(`vault secret ${secret}`, "unknown", async () => {
      const live = await azure.arm(`${path}/secrets/${secret}`, SECRETS, anything);
      if (live !== undefined) return "live";
      const deleted = await azure.vault(vaultName, `/deletedsecrets/${secret}`, anything);
      return deleted === undefined ? "free" : "deleted";
    });
  }
  const rbac = found.properties.enableRbacAuthorization ?? false;
  return { vault: "live", rbac, secrets: standings, notes };
}

function unreadNote(error: unknown): string {
  return `How the vault stands could not be read: ${reasonOf(error)}.`;
}
