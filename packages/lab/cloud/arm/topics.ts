// Event Grid's system topics on vaults, their subscriptions, and the alerts that those have raised. An alert is worked out from
// the dates when somebody asks, so that a clock that is moved over months raises what Azure would have raised on the way.
import type { SecretVersion } from "../vault/secrets";
import { vaultId } from "../vault/store";
import type { VaultStore } from "../vault/store";

export interface SystemTopic {
  readonly group: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  /** ARM id of the vault. */
  readonly source: string;
  readonly topicType: string;
}

export interface EventSubscription {
  readonly name: string;
  readonly createdAt: Date;
  readonly properties: {
    readonly destination: {
      readonly endpointType: string;
      readonly properties: {
        readonly severity: string;
        readonly description?: string | undefined;
        readonly actionGroups?: readonly string[] | undefined;
      };
    };
    readonly filter?: { readonly includedEventTypes?: readonly string[] | undefined } | undefined;
    readonly eventDeliverySchema?: string | undefined;
  };
}

/** An alert in Azure Monitor: what an action group would have been told. */
export interface Alert {
  readonly at: string;
  readonly eventType: string;
  readonly vault: string;
  readonly secret: string;
  readonly version: string;
  readonly severity: string;
  readonly actionGroups: readonly string[];
}

/** Key Vault says that a version is near its end 30 days before. */
const NEAR_MS = 30 * 86_400_000;
const EVENTS = [
  { eventType: "Microsoft.KeyVault.SecretNearExpiry", before: NEAR_MS },
  { eventType: "Microsoft.KeyVault.SecretExpired", before: 0 },
] as const;

interface StoredTopic {
  readonly topic: SystemTopic;
  readonly subscriptions: Map<string, EventSubscription>;
}

export class TopicStore {
  private readonly topics = new Map<string, StoredTopic>();

  find(group: string, name: string): SystemTopic | undefined {
    return this.topics.get(key(group, name))?.topic;
  }

  /** The topic of a source; Azure allows one. */
  ofSource(source: string): SystemTopic | undefined {
    return [...this.topics.values()].find(
      ({ topic }) => topic.source.toLowerCase() === source.toLowerCase(),
    )?.topic;
  }

  put(topic: SystemTopic): void {
    const at = key(topic.group, topic.name);
    const subscriptions =
      this.topics.get(at)?.subscriptions ?? new Map<string, EventSubscription>();
    this.topics.set(at, { topic, subscriptions });
  }

  remove(group: string, name: string): boolean {
    return this.topics.delete(key(group, name));
  }

  subscriptions(group: string, name: string): Map<string, EventSubscription> | undefined {
    return this.topics.get(key(group, name))?.subscriptions;
  }

  forgetGroup(group: string): void {
    for (const [at, { topic }] of this.topics) {
      if (topic.group.toLowerCase() === group.toLowerCase()) this.topics.delete(at);
    }
  }

  /** Every alert up to now, in order. */
  alerts(vaults: VaultStore, now: Date): Alert[] {
    const raised = [...this.topics.values()].flatMap(({ topic, subscriptions }) => {
      const vault = vaults
        .list()
        .find((one) => vaultId(one).toLowerCase() === topic.source.toLowerCase());
      if (vault === undefined) return [];
      return [...subscriptions.values()].flatMap((subscription) =>
        vault.secrets.list().flatMap(({ name, versions }) =>
          alertsOf(subscription, versions, now).map((alert) => ({
            ...alert,
            vault: vault.name,
            secret: name,
          })),
        ),
      );
    });
    return raised.sort((one, other) => one.at.localeCompare(other.at));
  }
}

function alertsOf(
  { createdAt, properties }: EventSubscription,
  versions: readonly SecretVersion[],
  now: Date,
): Omit<Alert, "vault" | "secret">[] {
  const { severity, actionGroups = [] } = properties.destination.properties;
  const wanted = properties.filter?.includedEventTypes;
  return versions.flatMap(({ version, attributes }, index) => {
    const { expires, enabled } = attributes;
    if (expires === undefined || !enabled) return [];
    // A version that has a successor by then is not the current one, and Azure says nothing of it.
    const succeeded = (versions[index + 1]?.created ?? Infinity) * 1000;
    return EVENTS.filter(({ eventType }) => wanted?.includes(eventType) ?? true).flatMap(
      ({ eventType, before }) => {
        const at = expires * 1000 - before;
        if (at > now.getTime() || at < createdAt.getTime() || at >= succeeded) return [];
        return [{ at: new Date(at).toISOString(), eventType, version, severity, actionGroups }];
      },
    );
  });
}

function key(group: string, name: string): string {
  return `${group}/${name}`.toLowerCase();
}
