// `azure-native:eventgrid:SystemTopic` and `SystemTopicEventSubscription`, API version 2025-02-15: of the destinations the
// one that raises an Azure Monitor alert. The SDK has their properties one level higher than Azure.
import {
  identity,
  systemData,
  tags,
  type Members,
  type Property,
  type ResourceSpec,
} from "../spec";

const API_VERSION = "2025-02-15";
const TOPICS =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.EventGrid/systemTopics";

const within = { type: "string", wireContainer: "properties" } as const;
const answered: Property = { ...within, readOnly: true };
const texts: Property = { type: "array", items: { type: "string" } };

const group = { name: "resourceGroupName", minLength: 1, maxLength: 90 } as const;
const topicName = { name: "systemTopicName", pattern: "^[a-zA-Z0-9-]{3,128}$" } as const;

export const systemTopic: ResourceSpec = {
  token: "azure-native:eventgrid:SystemTopic",
  apiVersion: API_VERSION,
  path: `${TOPICS}/{systemTopicName}`,
  parameters: [group, { ...topicName, autoName: "random" }],
  body: {
    ...identity,
    location: { type: "string", required: true },
    metricResourceId: answered,
    provisioningState: answered,
    source: { ...within, forceNew: true },
    systemData,
    tags,
    topicType: { ...within, forceNew: true },
  },
};

const destination: Members = {
  actionGroups: { ...texts, wireContainer: "properties" },
  description: within,
  endpointType: { type: "string", required: true },
  severity: within,
};

const filter: Members = {
  includedEventTypes: texts,
  isSubjectCaseSensitive: { type: "boolean" },
  subjectBeginsWith: { type: "string" },
  subjectEndsWith: { type: "string" },
};

export const systemTopicEventSubscription: ResourceSpec = {
  token: "azure-native:eventgrid:SystemTopicEventSubscription",
  apiVersion: API_VERSION,
  path: `${TOPICS}/{systemTopicName}/eventSubscriptions/{eventSubscriptionName}`,
  parameters: [
    group,
    topicName,
    { name: "eventSubscriptionName", autoName: "random", pattern: "^[a-zA-Z0-9-]{3,64}$" },
  ],
  body: {
    ...identity,
    destination: { type: "object", members: destination, wireContainer: "properties" },
    eventDeliverySchema: within,
    filter: { type: "object", members: filter, wireContainer: "properties" },
    labels: { ...texts, wireContainer: "properties" },
    provisioningState: answered,
    systemData,
    topic: answered,
  },
};
