// Microsoft.EventGrid/systemTopics and their event subscriptions: topics on vaults, subscriptions that raise an Azure
// Monitor alert. Other sources and destinations are refused by name. Answers at once, where Azure polls.
import { z } from "zod";
import { readBody, Tags } from "./body";
import { ArmError, locationRequired, resourceNotFound } from "./errors";
import { required as requiredGroup } from "./groups";
import { ok, type ArmAnswer, type ArmCall, type ArmRoute } from "./router";
import type { EventSubscription, SystemTopic } from "./topics";

const TYPE = "Microsoft.EventGrid/systemTopics";
const PATH =
  "/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/Microsoft.EventGrid/systemTopics/{topic}";
const SUBSCRIPTION_PATH = `${PATH}/eventSubscriptions/{subscription}`;
const shared = { type: TYPE } as const;

const TopicBody = z.object({
  location: z.string().optional(),
  tags: Tags.nullish(),
  properties: z.object({ source: z.string(), topicType: z.string() }),
});
const SubscriptionBody = z.object({
  properties: z.object({
    destination: z.object({
      endpointType: z.string(),
      properties: z.object({
        severity: z.enum(["Sev0", "Sev1", "Sev2", "Sev3", "Sev4"]),
        description: z.string().optional(),
        actionGroups: z
          .array(z.string().regex(/\/providers\/microsoft\.insights\/actionGroups\/[^/]+$/i))
          .optional(),
      }),
    }),
    filter: z.object({ includedEventTypes: z.array(z.string()).optional() }).optional(),
    eventDeliverySchema: z.string().optional(),
  }),
});

const right = (operation: string): { readonly action: string } => ({
  action: `${TYPE}/${operation}`,
});

export const eventGridRoutes: readonly ArmRoute[] = [
  { ...shared, ...right("write"), method: "PUT", path: PATH, run: putTopic },
  {
    ...shared,
    ...right("read"),
    method: "GET",
    path: PATH,
    run: (call) => ok(topicAnswer(call, requiredTopic(call))),
  },
  {
    ...shared,
    ...right("delete"),
    method: "DELETE",
    path: PATH,
    run: ({ resources, params }) => ({
      status: resources.topics.remove(params["group"] ?? "", params["topic"] ?? "") ? 200 : 204,
    }),
  },
  {
    ...shared,
    ...right("eventSubscriptions/write"),
    method: "PUT",
    path: SUBSCRIPTION_PATH,
    run: putSubscription,
  },
  {
    ...shared,
    ...right("eventSubscriptions/read"),
    method: "GET",
    path: SUBSCRIPTION_PATH,
    run: (call) => ok(subscriptionAnswer(call, requiredSubscription(call))),
  },
  {
    ...shared,
    ...right("eventSubscriptions/delete"),
    method: "DELETE",
    path: SUBSCRIPTION_PATH,
    run: (call) => ({
      status: subscriptionsOf(call).delete(subscriptionKey(call)) ? 200 : 204,
    }),
  },
];

function putTopic(call: ArmCall): ArmAnswer {
  const { resources, params, request } = call;
  const group = requiredGroup(call).name;
  const { location, tags, properties } = readBody(TopicBody, request.body);
  if (location === undefined) throw locationRequired();
  const { source, topicType } = properties;
  if (topicType.toLowerCase() !== "microsoft.keyvault.vaults") {
    throw invalid(`The lab has topics of type Microsoft.KeyVault.vaults only, not ${topicType}.`);
  }
  const name = params["topic"] ?? "";
  const vault = resources.vaults.find(source.split("/").at(-1) ?? "");
  if (vault === undefined) throw invalid(`The source ${source} was not found.`);
  const existing = resources.topics.find(group, name);
  const other = resources.topics.ofSource(source);
  if (other !== undefined && (other.name !== name || other.group !== group)) {
    throw invalid(
      `Only one system topic is allowed per source. The existing one for ${source} is ${other.name}.`,
    );
  }
  const topic: SystemTopic = {
    group,
    name: existing?.name ?? name,
    location: location.toLowerCase().replaceAll(" ", ""),
    tags: tags ?? {},
    source,
    topicType,
  };
  resources.topics.put(topic);
  return { status: existing ? 200 : 201, body: topicAnswer(call, topic) };
}

function putSubscription(call: ArmCall): ArmAnswer {
  const { params, request, now } = call;
  const subscriptions = subscriptionsOf(call);
  const { properties } = readBody(SubscriptionBody, request.body);
  const { endpointType } = properties.destination;
  if (endpointType !== "MonitorAlert") {
    throw invalid(
      `The lab has event subscriptions of type MonitorAlert only, not ${endpointType}.`,
    );
  }
  // Azure Monitor takes CloudEvents only.
  if (properties.eventDeliverySchema !== "CloudEventSchemaV1_0") {
    throw invalid("The event delivery schema must be CloudEventSchemaV1_0 for MonitorAlert.");
  }
  const existing = subscriptions.get(subscriptionKey(call));
  const subscription: EventSubscription = {
    name: existing?.name ?? params["subscription"] ?? "",
    createdAt: existing?.createdAt ?? now,
    properties,
  };
  subscriptions.set(subscriptionKey(call), subscription);
  return { status: existing ? 200 : 201, body: subscriptionAnswer(call, subscription) };
}

const invalid = (message: string): ArmError => new ArmError(400, "InvalidRequest", message);

const subscriptionKey = ({ params }: ArmCall): string =>
  (params["subscription"] ?? "").toLowerCase();

function requiredTopic({ resources, params }: ArmCall): SystemTopic {
  const { topic = "", group = "" } = params;
  const found = resources.topics.find(group, topic);
  if (found === undefined) throw resourceNotFound(TYPE, topic, group);
  return found;
}

function subscriptionsOf(call: ArmCall): Map<string, EventSubscription> {
  const { group, name } = requiredTopic(call);
  return call.resources.topics.subscriptions(group, name) ?? new Map<string, EventSubscription>();
}

function requiredSubscription(call: ArmCall): EventSubscription {
  const { subscription = "", group = "" } = call.params;
  const found = subscriptionsOf(call).get(subscriptionKey(call));
  if (found) return found;
  throw resourceNotFound(`${TYPE}/eventSubscriptions`, subscription, group);
}

function topicId({ context }: ArmCall, { group, name }: SystemTopic): string {
  return `/subscriptions/${context.subscriptionId}/resourceGroups/${group}/providers/${TYPE}/${name}`;
}

function topicAnswer(call: ArmCall, topic: SystemTopic): object {
  const { name, location, tags, source, topicType } = topic;
  return {
    id: topicId(call, topic),
    name,
    type: TYPE,
    location,
    tags,
    properties: { provisioningState: "Succeeded", source, topicType, metricResourceId: topic.name },
  };
}

function subscriptionAnswer(call: ArmCall, subscription: EventSubscription): object {
  const topic = topicId(call, requiredTopic(call));
  return {
    id: `${topic}/eventSubscriptions/${subscription.name}`,
    name: subscription.name,
    type: `${TYPE}/eventSubscriptions`,
    properties: { provisioningState: "Succeeded", topic, ...subscription.properties },
  };
}
