// What the config holds, key by key, and what it becomes once presets are resolved.
// The comments and DEFAULTS are the reference; a test holds Pulumi.yaml to them.
import type { HandOverPreset, HostPreset, Preset } from "./preset";

/** Where a consumer's host is, and how it is known. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
}

/** The plain values of the config, key by key as Pulumi.yaml declares them. */
export interface ConfigValues {
  /** Name of the credential; it stands in the display name of every secret and never changes. Lower-case letters, digits and hyphens. @default "sesar" */
  readonly name: string;
  /** Product that signs in with the credential. sesar, ci-sync, empower-self-hosted, empower-cloud or generic. @default "sesar" */
  readonly preset: string;
  /** Fields of the preset to replace, in the preset's own shape. @default {} */
  readonly overrides: Readonly<Record<string, unknown>>;
  /** Date on which an epoch begins; all others are counted from it. YYYY-MM-DD, UTC. */
  readonly anchor: string;
  /** How often the secret is replaced. ISO-8601 duration in whole days, P1D or more. @default "P6M" */
  readonly every: string;
  /** How long the preceding secret stays valid after the proven adoption of its successor. PT0S to P90D. @default "P14D" */
  readonly overlap: string;
  /** How long a secret is valid. At least every + overlap + 30 days. @default "P12M" */
  readonly lifetime: string;
  /** Raised by one to rotate now. Whole number from 0. @default 0 */
  readonly generation: number;
  /** Client id of an application that exists and is adopted: only its secrets are this stack's; empty makes one. A GUID. @default "" */
  readonly applicationClientId: string;
  /** Licence groups that exist and are taken over with everybody in them: display name to object id. Without any, none is declared for an adopted application. @default {} */
  readonly existingGroups: Readonly<Record<string, string>>;
  /** Entra tenant. A GUID. */
  readonly tenantId: string;
  /** Azure cloud. public, usgovernment or china. @default "public" */
  readonly environment: "public" | "usgovernment" | "china";
  /** Host that publishes the endpoints of another cloud; empty takes the environment's. host or host:port. @default "" */
  readonly metadataHost: string;
  /** Subscription that holds the vault. A GUID. */
  readonly subscriptionId: string;
  /** Resource group of the vault; it exists. */
  readonly vaultResourceGroup: string;
  /** Key Vault that keeps the secret. 3 to 24 letters, digits and hyphens; empty draws a name that nobody has, for a vault made by this stack. @default "" */
  readonly vaultName: string;
  /** Whether the vault is made by this stack; false uses one that exists and has RBAC enabled. @default true */
  readonly vaultCreate: boolean;
  /** Azure region of the vault; empty takes the resource group's. @default "" */
  readonly vaultLocation: string;
  /** Who may read the vault's secrets: objects with principalObjectId and principalType (Group, ServicePrincipal or User). @default [] */
  readonly vaultReaders: readonly VaultReader[];
  /** Services that hold the secret: objects with name, connection (host, port, user, hostKey; automatic presets only), and optionally preset, overrides (of the preset's host or handOver part), retry and address (the public IP it signs in from). */
  readonly consumers: readonly ConsumerValues[];
  /** Who holds the new secret, said by people: by consumer name, keyId (of the secret that it holds) and on (YYYY-MM-DD). keyturn confirm writes it. @default {} */
  readonly confirmations: Readonly<Record<string, Confirmation>>;
  /** SnapPass-compatible server of your own that makes the one-time links; empty names the vault secret instead. An https address. @default "" */
  readonly oneTimeServer: string;
  /** Azure Monitor action groups, by resource id, that Azure tells when a secret in the vault is 30 days from its end; none: no alarm. @default [] */
  readonly alarmActionGroups: readonly string[];
  /** Whether Entra's sign-in log is asked about consumers that wait for people; it needs AuditLog.Read.All and Entra ID P1 or P2. @default true */
  readonly signInLog: boolean;
  /** Whether the time comes from the lab's control instead of the system clock; for rehearsals only. @default false */
  readonly rehearsalClock: boolean;
}

/** What the keys are when the stack does not say; Pulumi.yaml and the comments above say the same. */
export const DEFAULTS = {
  name: "sesar",
  preset: "sesar",
  overrides: {},
  every: "P6M",
  overlap: "P14D",
  lifetime: "P12M",
  generation: 0,
  applicationClientId: "",
  existingGroups: {},
  environment: "public",
  metadataHost: "",
  vaultName: "",
  vaultCreate: true,
  vaultLocation: "",
  vaultReaders: [],
  confirmations: {},
  oneTimeServer: "",
  alarmActionGroups: [],
  signInLog: true,
  rehearsalClock: false,
} as const;

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

interface ConsumerBasics {
  readonly name: string;
  /** Raised to try again: another host transaction, another one-time link. */
  readonly retry: number;
  /** The public IP that it signs in from, to tell it from the others in the sign-in log. */
  readonly address?: string | undefined;
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
export interface Settings extends Omit<ConfigValues, "preset" | "overrides" | "consumers"> {
  readonly product: Preset;
  readonly consumers: readonly Consumer[];
}

/** What is secret about one consumer. */
export interface ConsumerSecrets {
  /** Private key of the connection's user. */
  readonly privateKey: string;
  /** The product's unencrypted file, whole; file mode content. */
  readonly file?: string | undefined;
}
