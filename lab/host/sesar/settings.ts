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
}
