// A vault name that nobody has: names are taken across all of Azure, so random characters end it.
import type { Consumer } from "../keyturn-config";
import { isAutomatic } from "../keyturn-config";

/** How many random characters end the name. */
export const RANDOM_CHARACTERS = 8;
const MOST_CHARACTERS = 24;

/** `sesar-1a2b3c4d`: letters, digits and single hyphens, at most 24. @param suffix lower-case letters and digits */
export function uniqueVaultName(credential: string, suffix: string): string {
  const room = MOST_CHARACTERS - suffix.length - 1;
  const start = credential.replace(/-+/g, "-").slice(0, room).replace(/-$/, "");
  return `${start}-${suffix}`;
}

/** The names in the vault: the client secret, and each file that is kept there with the secret in place. */
export function vaultSecretNames(credential: string, consumers: readonly Consumer[]): string[] {
  const files = consumers.filter((one) => isAutomatic(one) && one.host.fileMode === "content");
  return [`${credential}-client-secret`, ...files.map(({ name }) => `${credential}-${name}-file`)];
}
