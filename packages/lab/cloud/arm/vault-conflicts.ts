// Why a vault name cannot be had: taken elsewhere, soft-deleted, or in another location.
import type { Vault } from "../vault/store";
import { ArmError } from "./errors";

export function vaultExists(name: string): ArmError {
  return new ArmError(
    409,
    "VaultAlreadyExists",
    `The vault name '${name}' is already in use. Vault names are globally unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a recoverable state then the vault will need to be purged before reusing the name. For more information about VaultAlreadyExists, soft delete and purging a vault follow this link https://go.microsoft.com/fwlink/?linkid=2147740.`,
  );
}

export function deletedVaultExists(): ArmError {
  return new ArmError(
    409,
    "ConflictError",
    "A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.",
  );
}

export function movedVault(vault: Vault, location: string): ArmError {
  return new ArmError(
    409,
    "InvalidResourceLocation",
    `The resource '${vault.name}' already exists in location '${vault.location}' in resource group '${vault.resourceGroup}'. A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`,
  );
}
