// Microsoft.Resources/subscriptions/resourceGroups.
import { z } from "zod";
import { readBody, Tags } from "./body";
import { ArmError, locationRequired, resourceGroupNotFound } from "./errors";
import { ok, type ArmCall, type ArmRoute } from "./router";
import { groupId, type ResourceGroup } from "./store";

const TYPE = "Microsoft.Resources/subscriptions/resourceGroups";
const PATH = "/subscriptions/{subscriptionId}/resourceGroups/{group}";
const shared = { type: "Microsoft.Resources/resourceGroups" } as const;

const Body = z.object({
  location: z.string().min(1).optional(),
  tags: Tags.optional(),
  managedBy: z.string().optional(),
});

export const groupRoutes: readonly ArmRoute[] = [
  { ...shared, method: "PUT", path: PATH, action: `${TYPE}/write`, run: put },
  { ...shared, method: "PATCH", path: PATH, action: `${TYPE}/write`, run: patch },
  {
    ...shared,
    method: "GET",
    path: PATH,
    action: `${TYPE}/read`,
    run: (call) => ok(answer(call, required(call))),
  },
  {
    ...shared,
    method: "HEAD",
    path: PATH,
    action: `${TYPE}/read`,
    run: ({ resources, params }) => ({
      status: resources.group(params["group"] ?? "") ? 204 : 404,
    }),
  },
  {
    ...shared,
    method: "DELETE",
    path: PATH,
    action: `${TYPE}/delete`,
    run: (call) => {
      call.resources.deleteGroup(required(call), call.context.subscriptionId);
      return { status: 200 };
    },
  },
  {
    ...shared,
    method: "GET",
    path: "/subscriptions/{subscriptionId}/resourceGroups",
    run: (call) => ok({ value: readable(call).map((group) => answer(call, group)) }),
  },
];

function put(call: ArmCall) {
  const { resources, params, request } = call;
  const body = readBody(Body, request.body);
  const name = requireGroupName(params["group"] ?? "");
  const existing = resources.group(name);
  if (body.location === undefined) throw locationRequired();
  const location = body.location.toLowerCase().replaceAll(" ", "");
  if (existing && existing.location !== location) {
    throw new ArmError(
      409,
      "InvalidResourceGroupLocation",
      `Invalid resource group location '${location}'. The Resource group already exists in location '${existing.location}'.`,
    );
  }
  const group: ResourceGroup = {
    name: existing?.name ?? name,
    location,
    tags: body.tags ?? {},
    ...(body.managedBy === undefined ? {} : { managedBy: body.managedBy }),
  };
  resources.putGroup(group);
  return { status: existing ? 200 : 201, body: answer(call, group) };
}

function patch(call: ArmCall) {
  const existing = required(call);
  const body = readBody(Body, call.request.body);
  const group = { ...existing, ...(body.tags === undefined ? {} : { tags: body.tags }) };
  call.resources.putGroup(group);
  return ok(answer(call, group));
}

/** The group of a request, or ResourceGroupNotFound. */
export function required({ resources, params }: ArmCall): ResourceGroup {
  const name = params["group"] ?? "";
  const group = resources.group(name);
  if (!group) throw resourceGroupNotFound(name);
  return group;
}

function readable({ resources, caller, context }: ArmCall): ResourceGroup[] {
  return resources
    .listGroups()
    .filter((group) =>
      resources.holds(
        caller.servicePrincipalObjectId,
        "actions",
        `${TYPE}/read`,
        groupId(context.subscriptionId, group.name),
      ),
    );
}

function requireGroupName(name: string): string {
  if (/^[-\w.()]{0,89}[-\w()]$/.test(name)) return name;
  throw new ArmError(
    400,
    "InvalidResourceGroup",
    `The provided resource group name '${name}' is invalid: it has up to 90 letters, digits, '-', '_', '(', ')' and '.', and does not end with '.'.`,
  );
}

function answer({ context }: ArmCall, group: ResourceGroup): object {
  return {
    id: groupId(context.subscriptionId, group.name),
    name: group.name,
    type: "Microsoft.Resources/resourceGroups",
    location: group.location,
    ...(group.managedBy === undefined ? {} : { managedBy: group.managedBy }),
    tags: group.tags,
    properties: { provisioningState: "Succeeded" },
  };
}
