// The secrets of one vault: versions, soft deletion, recovery and purge, as the service keeps them.
// Pure memory; who may do what is decided elsewhere, the time is handed in.
import { randomBytes } from "node:crypto";
import {
  deletedButRecoverable,
  deletedSecretNotFound,
  purgeProtected,
  secretDisabled,
  secretNotFound,
} from "./errors";

export interface SecretAttributes {
  readonly enabled: boolean;
  /** Unix seconds. */
  readonly notBefore?: number;
  /** Unix seconds. */
  readonly expires?: number;
}

export interface SecretInput {
  readonly value: string;
  readonly contentType?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly attributes: SecretAttributes;
}

export interface SecretChange {
  readonly contentType?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly attributes: Partial<SecretAttributes>;
}

export interface SecretVersion extends SecretInput {
  readonly version: string;
  /** Unix seconds. */
  readonly created: number;
  /** Unix seconds. */
  readonly updated: number;
}

export interface Deletion {
  readonly deletedAt: Date;
  readonly scheduledPurgeAt: Date;
}

export interface Secret {
  readonly name: string;
  /** Oldest first, never empty. */
  readonly versions: readonly SecretVersion[];
  readonly deletion?: Deletion;
}

export interface Retention {
  readonly days: number;
  readonly purgeProtected: boolean;
}

const DAY_MS = 86_400_000;
const seconds = (instant: Date): number => Math.floor(instant.getTime() / 1000);

export class SecretStore {
  private readonly secrets = new Map<string, Secret>();

  /** @param valuesEver receives every value that is ever stored, purged ones included. */
  constructor(private readonly valuesEver: Set<string>) {}

  /** Adds a version. */
  set(name: string, input: SecretInput, now: Date): SecretVersion {
    const key = name.toLowerCase();
    const existing = this.secrets.get(key);
    if (existing?.deletion) throw deletedButRecoverable(existing.name);
    const at = seconds(now);
    const version = {
      ...input,
      version: randomBytes(16).toString("hex"),
      created: at,
      updated: at,
    };
    this.valuesEver.add(input.value);
    this.secrets.set(key, {
      name: existing?.name ?? name,
      versions: [...(existing?.versions ?? []), version],
    });
    return version;
  }

  /** The live secret, or SecretNotFound. */
  find(name: string): Secret {
    const secret = this.secrets.get(name.toLowerCase());
    if (!secret || secret.deletion) throw secretNotFound(name);
    return secret;
  }

  /** One version of a live secret; the newest when none is named. */
  version(name: string, version?: string): SecretVersion {
    const { versions } = this.find(name);
    if (version === undefined) return newest(versions);
    const found = versions.find((candidate) => candidate.version === version.toLowerCase());
    if (!found) throw secretNotFound(`${name}/${version}`);
    return found;
  }

  /** As version, but the service hands no value out while the version is disabled. */
  read(name: string, version?: string): SecretVersion {
    const found = this.version(name, version);
    if (!found.attributes.enabled) throw secretDisabled("get");
    return found;
  }

  update(
    name: string,
    version: string | undefined,
    change: SecretChange,
    now: Date,
  ): SecretVersion {
    const current = this.version(name, version);
    const changed: SecretVersion = {
      ...current,
      ...(change.contentType === undefined ? {} : { contentType: change.contentType }),
      ...(change.tags === undefined ? {} : { tags: change.tags }),
      attributes: { ...current.attributes, ...change.attributes },
      updated: seconds(now),
    };
    const secret = this.find(name);
    const versions = secret.versions.map((v) => (v.version === current.version ? changed : v));
    this.secrets.set(secret.name.toLowerCase(), { ...secret, versions });
    return changed;
  }

  /** Soft-deletes all versions. */
  delete(name: string, retention: Retention, now: Date): Secret {
    const secret = this.find(name);
    const scheduledPurgeAt = new Date(now.getTime() + retention.days * DAY_MS);
    const deleted = { ...secret, deletion: { deletedAt: now, scheduledPurgeAt } };
    this.secrets.set(secret.name.toLowerCase(), deleted);
    return deleted;
  }

  findDeleted(name: string, now: Date): Secret & { readonly deletion: Deletion } {
    this.purgeDue(now);
    const secret = this.secrets.get(name.toLowerCase());
    if (!secret?.deletion) throw deletedSecretNotFound(name);
    return { ...secret, deletion: secret.deletion };
  }

  recover(name: string, now: Date): Secret {
    const { name: stored, versions } = this.findDeleted(name, now);
    const secret = { name: stored, versions };
    this.secrets.set(stored.toLowerCase(), secret);
    return secret;
  }

  purge(name: string, retention: Retention, now: Date): void {
    const secret = this.findDeleted(name, now);
    if (retention.purgeProtected) throw purgeProtected();
    this.secrets.delete(secret.name.toLowerCase());
  }

  /** Live secrets by name. */
  list(): Secret[] {
    return this.sorted().filter((secret) => !secret.deletion);
  }

  listDeleted(now: Date): (Secret & { readonly deletion: Deletion })[] {
    this.purgeDue(now);
    return this.sorted().flatMap((secret) =>
      secret.deletion ? [{ ...secret, deletion: secret.deletion }] : [],
    );
  }

  /** Forgets deleted secrets whose retention is over. */
  purgeDue(now: Date): void {
    for (const [key, secret] of this.secrets) {
      if (secret.deletion && secret.deletion.scheduledPurgeAt <= now) this.secrets.delete(key);
    }
  }

  private sorted(): Secret[] {
    return [...this.secrets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** The version that a name without a version stands for. */
export function newest(versions: readonly SecretVersion[]): SecretVersion {
  const last = versions.at(-1);
  if (!last) throw new Error("A secret has at least one version.");
  return last;
}
