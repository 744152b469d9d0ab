// What a Key Vault secret does in its own way: it is deleted, and recovered, through the vault itself.
// So its deletion needs a data-plane role and a way to the vault, which its creation does not.
import { ProviderError } from "../provider/errors";
import type { Properties } from "../provider/values";
import type { Exceptions } from "./resource";

export const secretExceptions: Exceptions = {
  resolveConflict: (inputs, { configuration, signal }) => {
    const { vaultName, secretName } = placeOf(inputs);
    return configuration.vaults.recoverSecret(vaultName, secretName, signal);
  },
  remove: (inputs, { configuration, signal }) => {
    const { vaultName, secretName } = placeOf(inputs);
    return configuration.vaults.deleteSecret(vaultName, secretName, signal);
  },
};

function placeOf(inputs: Properties): { readonly vaultName: string; readonly secretName: string } {
  return { vaultName: text(inputs, "vaultName"), secretName: text(inputs, "secretName") };
}

function text(inputs: Properties, name: string): string {
  const value = inputs[name];
  if (typeof value === "string") return value;
  throw new ProviderError(`${name} not found in resource state`);
}
