// Storage accounts with their blob service and containers, as Resource Manager sees them: no blob is kept. Names are global.

export interface StorageAccount {
  readonly group: string;
  readonly name: string;
  readonly location: string;
  readonly kind: string;
  readonly sku: string;
  readonly tags: Readonly<Record<string, string>>;
  /** As last written, and what the service adds to it. */
  readonly properties: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
}

export interface BlobContainer {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly modifiedAt: string;
  readonly etag: string;
}

interface StoredAccount {
  readonly account: StorageAccount;
  blobService: Readonly<Record<string, unknown>>;
  readonly containers: Map<string, BlobContainer>;
}

/** Of a new account: nothing is kept, no version and nothing that was deleted. */
const NEW_BLOB_SERVICE = {
  cors: { corsRules: [] },
  deleteRetentionPolicy: { allowPermanentDelete: false, enabled: false },
};

export class StorageStore {
  private readonly accounts = new Map<string, StoredAccount>();

  find(name: string): StorageAccount | undefined {
    return this.accounts.get(name)?.account;
  }

  /** Makes it, or replaces everything but what is in it. */
  put(account: StorageAccount): void {
    const { blobService = NEW_BLOB_SERVICE, containers = new Map<string, BlobContainer>() } =
      this.accounts.get(account.name) ?? {};
    this.accounts.set(account.name, { account, blobService, containers });
  }

  remove(account: StorageAccount): void {
    this.accounts.delete(account.name);
  }

  forgetGroup(group: string): void {
    for (const { account } of this.accounts.values()) {
      if (account.group.toLowerCase() === group.toLowerCase()) this.remove(account);
    }
  }

  blobService({ name }: StorageAccount): Readonly<Record<string, unknown>> {
    return this.accounts.get(name)?.blobService ?? NEW_BLOB_SERVICE;
  }

  /** What is not given falls back to what a new account has. */
  putBlobService({ name }: StorageAccount, given: Readonly<Record<string, unknown>>): void {
    const stored = this.accounts.get(name);
    if (stored !== undefined) stored.blobService = { ...NEW_BLOB_SERVICE, ...given };
  }

  containers({ name }: StorageAccount): Map<string, BlobContainer> {
    return this.accounts.get(name)?.containers ?? new Map<string, BlobContainer>();
  }
}
