// Azure's own alarm for a secret near its end: an Azure Monitor alert, raised by Event Grid whether or not anything of
// ours runs. A pipeline cannot tell that it is missing; this can. Nothing is declared without an action group.
import { SystemTopic } from "@pulumi/azure-native/eventgrid/systemTopic";
import { SystemTopicEventSubscription } from "@pulumi/azure-native/eventgrid/systemTopicEventSubscription";
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource } from "@pulumi/pulumi";

export interface NearExpiryAlarmArgs {
  /** Resource group of the vault; the topic is made in it. */
  readonly resourceGroupName: string;
  /** Azure region of the vault; empty takes the resource group's. */
  readonly location: string;
  readonly vaultResourceId: pulumi.Input<string>;
  /** Resource ids of the Azure Monitor action groups to tell; none means no alarm. */
  readonly actionGroups: readonly string[];
}

/** 30 days before the end of the current version, and at its end. Source: Key Vault's Event Grid schema. */
const EVENT_TYPES = ["Microsoft.KeyVault.SecretNearExpiry", "Microsoft.KeyVault.SecretExpired"];

/** Event Grid topic and subscription of one vault; nothing is declared without an action group. */
export class NearExpiryAlarm extends ComponentResource {
  static readonly TYPE = "keyturn:index:NearExpiryAlarm";

  constructor(name: string, args: NearExpiryAlarmArgs, opts?: pulumi.ComponentResourceOptions) {
    const { resourceGroupName, location, actionGroups } = args;
    super(NearExpiryAlarm.TYPE, name, { resourceGroupName, location, actionGroups }, opts);

    if (actionGroups.length > 0) {
      const topic = new SystemTopic(
        `${name}-topic`,
        {
          resourceGroupName,
          ...(location === "" ? {} : { location }),
          source: args.vaultResourceId,
          topicType: "Microsoft.KeyVault.vaults",
        },
        { parent: this },
      );
      new SystemTopicEventSubscription(
        `${name}-subscription`,
        {
          resourceGroupName,
          systemTopicName: topic.name,
          destination: {
            endpointType: "MonitorAlert",
            severity: "Sev1",
            description:
              "A client secret that Keyturn keeps ends within 30 days: its rotation is overdue.",
            actionGroups: [...actionGroups],
          },
          // Azure Monitor takes no other.
          eventDeliverySchema: "CloudEventSchemaV1_0",
          filter: { includedEventTypes: EVENT_TYPES },
        },
        { parent: this },
      );
    }

    this.registerOutputs();
  }
}
