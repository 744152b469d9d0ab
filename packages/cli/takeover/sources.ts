// What the sources say of who holds which secret, before anything is made of it.
import type { LogContents } from "../../../src/decide/sign-ins";

/** One consumer, as the config has it. */
export interface AskedConsumer {
  readonly name: string;
  /** The public addresses that it signs in from; empty where the config says none. */
  readonly addresses: readonly string[];
}

/** What one consumer's host says; both keys where it names a secret and cannot be sure of it. */
export interface HostAnswer {
  readonly consumer: string;
  /** The last secret that the host's journal has as adopted. */
  readonly keyId?: string;
  /** Why it is not known, or not for sure, what the service holds. */
  readonly why?: string;
}

/** What people have confirmed in the config. */
export interface PeoplesWord {
  readonly consumer: string;
  readonly keyId: string;
  readonly on: string;
}

/** What one vault says of the client secret that it keeps. */
export interface VaultAnswer {
  readonly vault: string;
  readonly keyId?: string;
  readonly why?: string;
}

/** What all of them say. */
export interface Sources {
  readonly consumers: readonly AskedConsumer[];
  readonly hosts: readonly HostAnswer[];
  readonly people: readonly PeoplesWord[];
  readonly log: LogContents;
  readonly vaults: readonly VaultAnswer[];
}
