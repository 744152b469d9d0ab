// The data plane's JSON: bundles with the value, items without it, and their deleted forms.
import { newest, type Deletion, type Retention, type Secret, type SecretVersion } from "./secrets";

const seconds = (instant: Date): number => Math.floor(instant.getTime() / 1000);

/** What the service says about how a deletion can be undone. */
export function recoveryLevel({ days, purgeProtected }: Retention): string {
  const base = days < 90 ? "CustomizedRecoverable" : "Recoverable";
  return purgeProtected ? base : `${base}+Purgeable`;
}

export class Bundles {
  /** @param vaultUri base address of the vault, without a trailing slash. */
  constructor(
    private readonly vaultUri: string,
    private readonly retention: Retention,
  ) {}

  /** One version with its value. */
  full(name: string, version: SecretVersion): object {
    return { value: version.value, ...this.withoutValue(name, version) };
  }

  /** One version as an update answers it: all but the value. */
  withoutValue(name: string, version: SecretVersion): object {
    return this.item(version, `${this.vaultUri}/secrets/${name}/${version.version}`);
  }

  /** A secret in a list: the newest version under the id without a version. */
  listed(secret: Secret): object {
    return this.item(newest(secret.versions), `${this.vaultUri}/secrets/${secret.name}`);
  }

  deleted(secret: Secret & { readonly deletion: Deletion }): object {
    return { ...this.deletion(secret), ...this.withoutValue(secret.name, newest(secret.versions)) };
  }

  deletedListed(secret: Secret & { readonly deletion: Deletion }): object {
    return { ...this.deletion(secret), ...this.listed(secret) };
  }

  private deletion(secret: Secret & { readonly deletion: Deletion }): object {
    return {
      recoveryId: `${this.vaultUri}/deletedsecrets/${secret.name}`,
      deletedDate: seconds(secret.deletion.deletedAt),
      scheduledPurgeDate: seconds(secret.deletion.scheduledPurgeAt),
    };
  }

  private item(version: SecretVersion, secretId: string): object {
    const { contentType, tags, attributes, created, updated } = version;
    const { enabled, notBefore, expires } = attributes;
    return {
      ...(contentType === undefined ? {} : { contentType }),
      id: secretId,
      attributes: {
        enabled,
        ...(notBefore === undefined ? {} : { nbf: notBefore }),
        ...(expires === undefined ? {} : { exp: expires }),
        created,
        updated,
        recoveryLevel: recoveryLevel(this.retention),
        recoverableDays: this.retention.days,
      },
      ...(tags === undefined ? {} : { tags }),
    };
  }
}
