// The shape of the config, key by key, and what it becomes once presets are resolved. What each key means, its default
// and its check stand in src/config/keys.ts.
import type { HandOverPreset, HostPreset, Preset } from "./presets/preset";

/** Where a consumer's host is, and how it is known. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
}

/** The plain values of the config; the meaning of each is in src/config/keys.ts. */
export interface ConfigValues {
  readonly name: string;
  readonly preset: string;
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly anchor: string;
  readonly every: string;
  readonly overlap: string;
  readonly lifetime: string;
  readonly generation: number;
  readonly brokenGlass: number;
  readonly applicationClientId: string;
  readonly owners: readonly string[];
  readonly existingGroups: Readonly<Record<string, string>>;
  readonly tenantId: string;
  readonly environment: "public" | "usgovernment" | "china";
  readonly metadataHost: string;
  readonly subscriptionId: string;
  readonly vaultResourceGroup: string;
  readonly vaultName: string;
  readonly vaultCreate: boolean;
  readonly vaultLocation: string;
  readonly vaultReaders: readonly VaultReader[];
  readonly vaultPurgeProtection: PurgeProtection;
  readonly vaultTags: Readonly<Record<string, string>>;
  readonly vaultNetwork: VaultNetwork;
  readonly consumers: readonly ConsumerValues[];
  readonly confirmations: Readonly<Record<string, Confirmation>>;
  readonly adopted: Readonly<Record<string, AdoptedSecret>>;
  readonly oneTimeServer: string;
  readonly alarmActionGroups: readonly string[];
  readonly signInLog: boolean;
  readonly requireSignInLog: boolean;
  readonly rehearsalClock: boolean;
}

/** Which vaults of the stack's are protected from being purged. */
export type PurgeProtection = "forNewVaults" | "always" | "never";

/** From where a vault is reached; empty: from everywhere. */
export interface VaultNetwork {
  readonly addresses?: readonly string[] | undefined;
  readonly subnetIds?: readonly string[] | undefined;
  readonly publicAccess?: boolean | undefined;
}

/** A principal that may read the vault's secrets. */
export interface VaultReader {
  readonly principalObjectId: string;
  readonly principalType: "Group" | "ServicePrincipal" | "User";
}

/** One service that holds the secret, as the config says it. */
export interface ConsumerValues {
  readonly name: string;
  readonly connection?: Connection | undefined;
  readonly address?: string | undefined;
  readonly addresses?: readonly string[] | undefined;
  readonly preset?: string | undefined;
  readonly overrides?: Readonly<Record<string, unknown>> | undefined;
  readonly retry?: number | undefined;
}

/** What people said about one consumer. */
export interface Confirmation {
  /** Key id of the secret that it holds. */
  readonly keyId: string;
  /** The day on which it was seen to hold it. */
  readonly on: string;
}

/** A secret of the credential's name that this stack did not keep; by key id. */
export interface AdoptedSecret {
  readonly label: string;
  readonly endDate: string;
}

interface ConsumerBasics {
  readonly name: string;
  /** Raised to try again: another host transaction, another one-time link. */
  readonly retry: number;
  /** The public addresses and ranges that it signs in from, to tell it from the others in the sign-in log; one at least. */
  readonly addresses?: readonly string[] | undefined;
}

/** A consumer that the host transaction serves. */
export interface AutomaticConsumer extends ConsumerBasics {
  readonly kind: "automatic";
  readonly connection: Connection;
  readonly host: HostPreset;
}

/** A consumer that people serve: an administrator (assisted) or the vendor's support (handover). */
export interface ManualConsumer extends ConsumerBasics {
  readonly kind: "assisted" | "handover";
  readonly handOver: HandOverPreset;
}

/** One service that holds the secret, overrides laid over its preset. */
export type Consumer = AutomaticConsumer | ManualConsumer;

/** Whether the host transaction serves a consumer. */
export function isAutomatic(consumer: Consumer): consumer is AutomaticConsumer {
  return consumer.kind === "automatic";
}

/** Plain settings: the config with the presets resolved. */
export interface KeyturnConfig extends Omit<ConfigValues, "preset" | "overrides" | "consumers"> {
  /** The overlap that holds: PT0S while the glass is broken, else what the config says. */
  readonly overlap: string;
  readonly preset: Preset;
  readonly consumers: readonly Consumer[];
}

/** What is secret about one consumer. */
export interface ConsumerSecrets {
  /** Private key of the connection's user. */
  readonly privateKey: string;
  /** The product's unencrypted file, whole; file mode content. */
  readonly file?: string | undefined;
}
