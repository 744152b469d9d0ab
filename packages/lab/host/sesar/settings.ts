// What the lab tells the SESAR process at its start. The vendor's service knows these by itself.

export interface SesarSettings {
  /** The service's own folder, `…/Secure Exchanges inc/SESAR`. */
  readonly folder: string;
  readonly loginUrl: string;
  readonly graphUrl: string;
  /** Seconds between two syncs; null = RefreshInterval, five minutes at least, as in life. */
  readonly cycleSeconds: number | null;
  /** Seconds that a sync takes at least. */
  readonly syncSeconds: number;
  /** Documents that arrive for each sync. */
  readonly documentsPerSync: number;
  /** Whether the file is encrypted at start; a service that is not SESAR leaves it as it is. */
  readonly reencrypts: boolean;
  /** Address of this machine to sign in from. @default the system's choice */
  readonly signInAddress?: string;
  /** What is wrong with the product; read at its start. @default nothing */
  readonly faults?: SesarFaults;
}

/** Faults of the product, by which a service that does not use its new secret looks as if it did. */
export interface SesarFaults {
  /**
   * A start that finds the file in plaintext reads each secret without its last character. Entra refuses it (AADSTS7000215), and
   * the next sync is announced all the same. A later start reads it whole. @default false
   */
  readonly misreadsNewFile?: boolean;
  /** A start takes the file that the start before it found; what is new counts from the second start on. @default false */
  readonly readsFileLate?: boolean;
  /** Seconds, from a sign-in, for which its token is used, over starts too: nothing is signed in meanwhile. @default 0 */
  readonly keepsTokenSeconds?: number;
}
