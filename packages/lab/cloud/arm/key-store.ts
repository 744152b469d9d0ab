// The keys of each vault, without their material. A vault that is made anew after a purge has none.
import type { SecretStore } from "../vault/secrets";
import type { Vault } from "../vault/store";

export interface Key {
  readonly name: string;
  readonly version: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: {
    readonly kty: string;
    readonly keySize?: number | undefined;
    readonly keyOps?: readonly string[] | undefined;
    readonly attributes?: Readonly<Record<string, unknown>> | undefined;
  };
  /** Seconds since the epoch. */
  readonly created: number;
}

export class KeyStore {
  private readonly byVault = new WeakMap<SecretStore, Map<string, Key>>();

  /** By name in lower case. */
  of({ secrets }: Vault): Map<string, Key> {
    const known = this.byVault.get(secrets) ?? new Map<string, Key>();
    this.byVault.set(secrets, known);
    return known;
  }
}
