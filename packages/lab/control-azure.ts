// Carries out the control API's orders on Azure role assignments.
import { randomUUID } from "node:crypto";
import { roleGuid } from "./cloud/arm/roles";
import { type AzureResources, groupId } from "./cloud/arm/store";
import type { CloudContext } from "./cloud/context";
import { DEPLOYER_OBJECT_ID, RESOURCE_GROUP } from "./cloud/seed";
import { AZURE_ORDERS, type AzureOrderName, OrderRefused, readOrder } from "./control-orders";

/** Answers how many assignments were made or taken away. */
export function carryOutAzure(
  { clock, directory, subscriptionId }: CloudContext,
  resources: AzureResources,
  name: string,
  body: unknown,
): object {
  if (!isOrder(name)) {
    const known = Object.keys(AZURE_ORDERS).join(", ");
    throw new OrderRefused(`The lab knows no order "${name}" on Azure. It knows ${known}.`, 404);
  }
  const order = readOrder(AZURE_ORDERS[name], body);
  const { principal: principalId = DEPLOYER_OBJECT_ID } = order;
  const { scope = groupId(subscriptionId, RESOURCE_GROUP) } = order;
  const roleDefinitionGuid = guidOf(order.role);
  if (name === "revoke-role") {
    const found = resources
      .listAssignments()
      .filter((one) => one.principalId === principalId && one.scope === scope)
      .filter((one) => one.roleDefinitionGuid === roleDefinitionGuid);
    for (const one of found) resources.deleteAssignment(one);
    return { revoked: found.length };
  }
  const object = directory.object(principalId);
  const now = clock.now().toISOString();
  resources.putAssignment({
    scope,
    name: randomUUID(),
    roleDefinitionGuid,
    principalId,
    principalType: object?.type === "user" ? "User" : "ServicePrincipal",
    createdOn: now,
    updatedOn: now,
    createdBy: "",
    updatedBy: "",
  });
  return { granted: 1 };
}

function isOrder(name: string): name is AzureOrderName {
  return Object.hasOwn(AZURE_ORDERS, name);
}

function guidOf(role: string): string {
  try {
    return roleGuid(role);
  } catch (error) {
    throw new OrderRefused(error instanceof Error ? error.message : String(error));
  }
}
