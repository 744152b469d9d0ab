// Tenants, the subscription, its locations and its resource providers: the little of each that clients look at.
import { TENANT_DOMAIN, TENANT_NAME } from "../seed";
import { API_VERSIONS, type ArmType, servedVersions } from "./api-versions";
import { ArmError, authorizationFailed } from "./errors";
import { covers } from "./rights";
import { ok, type ArmCall, type ArmRoute } from "./router";
import { LAB_LOCATION } from "./store";

const shared = { type: "Microsoft.Resources/subscriptions" } as const;
const SUBSCRIPTION = "/subscriptions/{subscriptionId}";
const LOCATIONS = [
  { name: LAB_LOCATION, displayName: "West Europe" },
  { name: "northeurope", displayName: "North Europe" },
];

const TYPES = Object.keys(API_VERSIONS) as ArmType[];
const PROVIDERS = [...new Set(TYPES.map(namespaceOf))];

export const subscriptionRoutes: readonly ArmRoute[] = [
  {
    ...shared,
    method: "GET",
    path: "/tenants",
    run: ({ context }) =>
      ok({
        value: [
          {
            id: `/tenants/${context.tenantId}`,
            tenantId: context.tenantId,
            displayName: TENANT_NAME,
            defaultDomain: TENANT_DOMAIN,
          },
        ],
      }),
  },
  {
    ...shared,
    method: "GET",
    path: "/subscriptions",
    run: (call) => ok({ value: isKnown(call) ? [subscription(call)] : [] }),
  },
  { ...shared, method: "GET", path: SUBSCRIPTION, run: (call) => ok(read(call)) },
  {
    ...shared,
    method: "GET",
    path: `${SUBSCRIPTION}/locations`,
    run: (call) => {
      const { id } = read(call);
      const value = LOCATIONS.map((one) => ({ id: `${id}/locations/${one.name}`, ...one }));
      return ok({ value });
    },
  },
  {
    ...shared,
    method: "GET",
    path: `${SUBSCRIPTION}/providers`,
    run: (call) => ok({ value: PROVIDERS.map((name) => provider(call, name)) }),
  },
  {
    ...shared,
    method: "GET",
    path: `${SUBSCRIPTION}/providers/{provider}`,
    run: (call) => ok(provider(call, call.params["provider"] ?? "")),
  },
  {
    ...shared,
    method: "POST",
    path: `${SUBSCRIPTION}/providers/{provider}/register`,
    action: "Microsoft.Resources/subscriptions/providers/register/action",
    scope: ({ subscriptionId }) => `/subscriptions/${subscriptionId ?? ""}`,
    run: (call) => ok(provider(call, call.params["provider"] ?? "")),
  },
];

/** Who holds any role in the subscription sees it. */
function isKnown({ context, resources, caller }: ArmCall): boolean {
  const scope = `/subscriptions/${context.subscriptionId}`;
  return resources
    .listAssignments()
    .some(
      (one) =>
        one.principalId === caller.servicePrincipalObjectId &&
        (covers(scope, one.scope) || covers(one.scope, scope)),
    );
}

function read(call: ArmCall): { readonly id: string } {
  const { caller, context } = call;
  if (isKnown(call)) return subscription(call);
  throw authorizationFailed(
    caller.clientId,
    caller.servicePrincipalObjectId,
    "Microsoft.Resources/subscriptions/read",
    `/subscriptions/${context.subscriptionId}`,
  );
}

function subscription({ context }: ArmCall): { readonly id: string } {
  const answer = {
    id: `/subscriptions/${context.subscriptionId}`,
    subscriptionId: context.subscriptionId,
    tenantId: context.tenantId,
    displayName: "Keyturn lab",
    state: "Enabled",
    authorizationSource: "RoleBased",
  };
  return answer;
}

function namespaceOf(type: ArmType): string {
  return type.slice(0, type.indexOf("/"));
}

function provider({ context, now }: ArmCall, name: string): object {
  const namespace = PROVIDERS.find((known) => known.toLowerCase() === name.toLowerCase());
  if (namespace === undefined) {
    throw new ArmError(
      404,
      "InvalidResourceNamespace",
      `The resource namespace '${name}' is invalid.`,
    );
  }
  return {
    id: `/subscriptions/${context.subscriptionId}/providers/${namespace}`,
    namespace,
    registrationState: "Registered",
    resourceTypes: TYPES.filter((type) => namespaceOf(type) === namespace).map((type) => ({
      resourceType: type.slice(namespace.length + 1),
      locations: LOCATIONS.map((one) => one.displayName),
      apiVersions: servedVersions(type, now),
    })),
  };
}
