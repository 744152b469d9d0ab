// How the vault stands before a rotation. Pure.
import { type VaultIntent, type VaultReading, planVault } from "../../../src/decide/vault-plan";
import { type Finding, fails, ok, warning } from "./finding";

/** What Azure says of the vault and its names, and what the config and the state say. */
export interface VaultFacts {
  readonly intent: VaultIntent;
  readonly reading: VaultReading;
  /** The vault that the state holds; empty when it holds none. */
  readonly heldName: string;
  /** Whether it can be purged before its retention is over; undefined where there is no vault. */
  readonly isPurgeProtected: boolean | undefined;
  /** Whether the config wants that protection for a vault that it makes. */
  readonly wantsPurgeProtection: boolean;
  /** What the vault itself answered when its secrets were to be listed; undefined when it let us, or was not asked. */
  readonly refusal: string | undefined;
}

const VAULT = "vault";
const NAMES = "vault secrets";

/** One line for the vault, for its protection, for the names of its secrets, and for who may use them. */
export function vaultFindings(facts: VaultFacts): Finding[] {
  const { intent, reading, heldName } = facts;
  if (heldName !== "" && heldName.toLowerCase() !== intent.vaultName.toLowerCase())
    return [
      fails(
        VAULT,
        `The state holds ${heldName}, and vaultName is ${intent.vaultName}: an update would have to replace it, and it is protected.`,
        `Put vaultName: ${heldName} back into Pulumi.<stack>.yaml.`,
      ),
    ];
  return reading.vault === "live"
    ? [standingFinding(facts), ...protectionFindings(facts), ...nameFindings(facts)]
    : [absentFinding(intent, reading)];
}

function absentFinding({ vaultName, held, create }: VaultIntent, reading: VaultReading): Finding {
  if (vaultName === "") return ok(VAULT, "The first run makes one, of a name that nobody has.");
  if (held)
    return fails(
      VAULT,
      `${vaultName} is in the state and not in Azure.`,
      reading.vault === "deleted"
        ? `Recover it: az keyvault recover --name ${vaultName} (Azure CLI 2.90.0 or later)`
        : "Run `pulumi up --refresh`, which makes it anew.",
    );
  if (!create)
    return fails(
      VAULT,
      `${vaultName} must exist (vaultCreate is false), but does not.`,
      "Correct vaultName and vaultResourceGroup in Pulumi.<stack>.yaml, or set vaultCreate: true.",
    );
  return reading.vault === "deleted"
    ? warning(
        VAULT,
        `${vaultName} is deleted and recoverable.`,
        "Nothing, if it is yours: the next update recovers it, with what was in it.",
      )
    : ok(VAULT, `The next update makes ${vaultName}.`);
}

function standingFinding({ intent, reading, refusal }: VaultFacts): Finding {
  const { vaultName } = intent;
  if (reading.rbac === false)
    return fails(
      VAULT,
      `${vaultName} must use Azure RBAC, but uses access policies.`,
      `az keyvault update --name ${vaultName} --enable-rbac-authorization true (Azure CLI 2.90.0 or later), after its readers have roles.`,
    );
  if (refusal === undefined) return ok(VAULT, `${vaultName} is there and answers.`);
  return warning(
    VAULT,
    `${vaultName} does not let whoever is signed in list its secrets (${refusal}). A rotation writes through Azure Resource Manager and does not need it; a recovery does.`,
    "Give Key Vault Secrets Officer on it, and let this machine through its firewall (vaultNetwork).",
  );
}

function protectionFindings({
  intent,
  isPurgeProtected,
  wantsPurgeProtection,
}: VaultFacts): Finding[] {
  if (isPurgeProtected !== false) return [];
  return [
    warning(
      "purge protection",
      `${intent.vaultName} can be purged before its retention is over.`,
      wantsPurgeProtection
        ? "Set vaultPurgeProtection: always in Pulumi.<stack>.yaml; it cannot be undone."
        : "Nothing, if that is meant: the config says so.",
    ),
  ];
}

function nameFindings({ intent, reading }: VaultFacts): Finding[] {
  const names = Object.entries(reading.secrets);
  const deleted = names.filter(([, standing]) => standing === "deleted").map(([name]) => name);
  try {
    planVault(intent, reading);
  } catch (error) {
    return [fails(NAMES, error instanceof Error ? error.message : String(error), "")];
  }
  return deleted.length > 0
    ? [
        warning(
          NAMES,
          `${deleted.join(", ")}: deleted and recoverable, so that the name is taken.`,
          "Nothing: the next update recovers it, for which it needs Key Vault Secrets Officer.",
        ),
      ]
    : [ok(NAMES, "No name that the stack needs is taken.")];
}
