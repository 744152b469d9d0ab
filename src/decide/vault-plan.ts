// What to do about the vault, from what Azure says before anything is declared: use it, make it, recover it, or say
// why not. Names in a vault stay taken after a deletion, and Azure's plugin does not take over what exists.
import type { PurgeProtection } from "../keyturn-config";
import type { Problem } from "../problems";
import { allProblems } from "../problems";

/** Azure's built-in role "Key Vault Secrets User". */
export const SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6";

/** Whether a name is free, taken by something live, or by something that is deleted and can be recovered. */
export type Standing = "free" | "live" | "deleted" | "unknown";

/** How the vault and the names in it stand, as Azure answered at the start of the run; "unknown" where it could not be asked. */
export interface VaultReading {
  readonly vault: Standing;
  /** Whether a live vault uses Azure RBAC. */
  readonly rbac?: boolean | undefined;
  /** Standing of the secret names that the state does not hold. */
  readonly secrets: Readonly<Record<string, Standing>>;
  /** What could not be read, in words. */
  readonly notes: readonly string[];
}

/** What the config and the state say. */
export interface VaultIntent {
  readonly vaultName: string;
  readonly resourceGroupName: string;
  /** Whether the vault is this stack's to make. */
  readonly create: boolean;
  /** Whether the state holds it already. */
  readonly held: boolean;
}

/** What the state says of the vault that it holds; undefined when it holds none. */
export type HeldVault = { readonly enablePurgeProtection: boolean } | undefined;

/**
 * Whether the vault is declared with purge protection, which cannot be taken off again: so one that has it keeps it, and one that
 * a former release, or a recovery, made without gets it only where the config says so.
 */
export function purgeProtected(
  setting: PurgeProtection,
  held: HeldVault,
  recover: boolean,
): boolean {
  if (held?.enablePurgeProtection === true) return true;
  if (setting === "forNewVaults") return held === undefined && !recover;
  return setting === "always";
}

/** Nothing to make, nothing to ask about. */
export const NO_VAULT_PLAN: VaultPlan = { recover: false, messages: [] };

/** What the run does about the vault: how it comes to be, and what the operator is told. */
export interface VaultPlan {
  /** Whether the vault is made by recovering a deleted one. */
  readonly recover: boolean;
  /** What a person wants to know, for the log. */
  readonly messages: readonly string[];
}

const REMEDY = "Set it in Pulumi.<stack>.yaml.";

/**
 * Whether the vault is made anew, recovered from its deleted state or used as it is, and whether every name that a secret
 * of ours needs is free. @throws Error that says everything that stands in the way
 */
export function planVault(intent: VaultIntent, reading: VaultReading): VaultPlan {
  const problems = [...vaultProblems(intent, reading), ...secretProblems(intent, reading)];
  if (problems.length > 0) throw new Error(allProblems("The vault cannot be used", problems));
  const recover = intent.create && !intent.held && reading.vault === "deleted";
  const deleted = Object.keys(reading.secrets).filter((key) => reading.secrets[key] === "deleted");
  return {
    recover,
    messages: [
      ...reading.notes,
      ...(recover
        ? [`vault ${intent.vaultName} is deleted and recoverable: an update recovers it`]
        : []),
      ...deleted.map(
        (secret) =>
          `vault secret ${secret} is deleted and recoverable: an update recovers it, then writes a new version`,
      ),
    ],
  };
}

function vaultProblems(intent: VaultIntent, { vault, rbac }: VaultReading): Problem[] {
  const { vaultName, resourceGroupName, create, held } = intent;
  if (held) return [];
  const bad = (rule: string, remedy: string): Problem[] => [
    { subject: "vaultName", rule, given: vaultName, remedy },
  ];
  if (create && vault === "live") {
    return bad(
      `must be free, but a vault of that name exists in ${resourceGroupName}`,
      "Set vaultCreate to false to use it, or choose another vaultName, in Pulumi.<stack>.yaml.",
    );
  }
  if (create) return [];
  if (vault === "deleted") {
    return bad(
      "must name a vault that exists, but it is deleted and recoverable",
      `Recover it: az keyvault recover --name ${vaultName} (Azure CLI 2.90.0 or later). Or set vaultCreate to true: then an update recovers it.`,
    );
  }
  if (vault === "free") {
    return bad(
      `must name a vault that exists in ${resourceGroupName}`,
      "Correct vaultName or vaultResourceGroup in Pulumi.<stack>.yaml, or set vaultCreate to true.",
    );
  }
  if (rbac === false) {
    return bad(
      "must name a vault that has Azure RBAC enabled, since readers are Azure role assignments",
      `Enable it: az keyvault update --name ${vaultName} --enable-rbac-authorization true (Azure CLI 2.90.0 or later). Access policies end with it.`,
    );
  }
  return [];
}

function secretProblems({ vaultName }: VaultIntent, { secrets }: VaultReading): Problem[] {
  return Object.entries(secrets).flatMap(([secret, standing]) =>
    standing === "live"
      ? [
          {
            subject: `the name ${secret}`,
            rule: `must be free in vault ${vaultName}, but this stack did not make the secret of that name`,
            remedy: `Choose another name or vaultName in Pulumi.<stack>.yaml; or, if nobody reads it, az keyvault secret delete --vault-name ${vaultName} --name ${secret}, which an update recovers with its versions.`,
          },
        ]
      : [],
  );
}

/** A name is drawn for a vault that is made only. */
export function vaultNameProblems(vaultName: string, create: boolean): Problem[] {
  if (vaultName !== "" || create) return [];
  return [
    { subject: "vaultName", rule: "must be given when vaultCreate is false", remedy: REMEDY },
  ];
}
