// The errors of the Key Vault data plane: status, code, inner code and text as the service words them.
// Texts follow Microsoft's "Common error codes for Azure Key Vault" and public bug reports that quote them.

export class VaultError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly innerCode?: string,
  ) {
    super(message);
    this.name = "VaultError";
  }

  /** The body that the service answers with. */
  toJSON(): unknown {
    const inner = this.innerCode === undefined ? {} : { innererror: { code: this.innerCode } };
    return { error: { code: this.code, message: this.message, ...inner } };
  }
}

export const badParameter = (message: string): VaultError =>
  new VaultError(400, "BadParameter", message);

export const secretNotFound = (name: string): VaultError =>
  new VaultError(
    404,
    "SecretNotFound",
    `A secret with (name/id) ${name} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`,
  );

export const deletedSecretNotFound = (name: string): VaultError =>
  new VaultError(404, "SecretNotFound", `Deleted Secret not found: ${name}`);

export const deletedButRecoverable = (name: string): VaultError =>
  new VaultError(
    409,
    "Conflict",
    `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
    "ObjectIsDeletedButRecoverable",
  );

export const secretDisabled = (operation: string): VaultError =>
  new VaultError(
    403,
    "Forbidden",
    `Operation ${operation} is not allowed on a disabled secret.`,
    "SecretDisabled",
  );

export const purgeProtected = (): VaultError =>
  new VaultError(403, "Forbidden", 'Operation "purge" is not enabled for this vault.');
