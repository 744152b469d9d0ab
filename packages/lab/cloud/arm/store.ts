// What ARM keeps: resource groups, role assignments and, shared with the data plane, the vaults;
// beside them what is in Resource Manager only: topics, storage accounts and a vault's keys.
import type { CloudContext } from "../context";
import { DEPLOYER_OBJECT_ID, RESOURCE_GROUP, SUBSCRIPTION_ID } from "../seed";
import { VaultStore } from "../vault/store";
import type { AssignmentFacts } from "./conditions";
import { KeyStore } from "./key-store";
import { StorageStore } from "./storage-store";
import { TopicStore } from "./topics";
import { allows, covers, type Plane, type RoleAssignment } from "./rights";
import { roleGuid } from "./roles";

export interface ResourceGroup {
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly managedBy?: string;
}

/** What the deploying identity holds on the resource group: no more than the program needs. */
export const DEPLOYER_ROLES = [
  "Contributor",
  "Role Based Access Control Administrator",
  "Key Vault Secrets Officer",
] as const;

export const LAB_LOCATION = "westeurope";

export class AzureResources {
  readonly vaults = new VaultStore();
  readonly keys = new KeyStore();
  readonly topics = new TopicStore();
  readonly storage = new StorageStore();
  private readonly groups = new Map<string, ResourceGroup>();
  private readonly assignments = new Map<string, RoleAssignment>();

  constructor(private readonly context: CloudContext) {
    this.putGroup({ name: RESOURCE_GROUP, location: LAB_LOCATION, tags: {} });
    const now = context.clock.now().toISOString();
    DEPLOYER_ROLES.forEach((roleName, index) => {
      this.putAssignment({
        scope: groupId(SUBSCRIPTION_ID, RESOURCE_GROUP),
        name: `0000000${index + 1}-1ab0-4000-8000-000000000000`,
        roleDefinitionGuid: roleGuid(roleName),
        principalId: DEPLOYER_OBJECT_ID,
        principalType: "ServicePrincipal",
        createdOn: now,
        updatedOn: now,
        createdBy: "",
        updatedBy: "",
      });
    });
  }

  group(name: string): ResourceGroup | undefined {
    return this.groups.get(name.toLowerCase());
  }

  listGroups(): ResourceGroup[] {
    return [...this.groups.values()];
  }

  putGroup(group: ResourceGroup): void {
    this.groups.set(group.name.toLowerCase(), group);
  }

  /** Deletes a group with all that is in it; vaults only softly, as in Azure. */
  deleteGroup(group: ResourceGroup, subscriptionId: string): void {
    const now = this.context.clock.now();
    for (const vault of this.vaults.list()) {
      if (vault.resourceGroup.toLowerCase() === group.name.toLowerCase()) {
        this.vaults.delete(vault, now);
      }
    }
    this.topics.forgetGroup(group.name);
    this.storage.forgetGroup(group.name);
    this.forgetAssignmentsUnder(groupId(subscriptionId, group.name));
    this.groups.delete(group.name.toLowerCase());
  }

  assignment(scope: string, name: string): RoleAssignment | undefined {
    return this.assignments.get(assignmentKey(scope, name));
  }

  listAssignments(): RoleAssignment[] {
    return [...this.assignments.values()];
  }

  putAssignment(assignment: RoleAssignment): void {
    this.assignments.set(assignmentKey(assignment.scope, assignment.name), assignment);
  }

  deleteAssignment(assignment: RoleAssignment): void {
    this.assignments.delete(assignmentKey(assignment.scope, assignment.name));
  }

  forgetAssignmentsUnder(scope: string): void {
    for (const [key, assignment] of this.assignments) {
      if (covers(scope, assignment.scope)) this.assignments.delete(key);
    }
  }

  /** Whether a principal, or a group that it is in, holds a right at a scope. */
  holds(
    principalObjectId: string,
    plane: Plane,
    action: string,
    scope: string,
    facts?: AssignmentFacts,
  ): boolean {
    const { directory } = this.context;
    const now = directory.now();
    const groupIds = [...directory.groups.values()]
      .filter((group) =>
        group.memberships.some(
          (one) =>
            one.memberObjectId === principalObjectId &&
            one.visibleFrom <= now &&
            (one.goneFrom === undefined || one.goneFrom > now),
        ),
      )
      .map((group) => group.groupObjectId);
    const principalIds = [principalObjectId.toLowerCase(), ...groupIds];
    return allows(this.listAssignments(), principalIds, plane, action, scope, facts);
  }
}

export function groupId(subscriptionId: string, name: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${name}`;
}

function assignmentKey(scope: string, name: string): string {
  return `${scope.replace(/\/+$/, "")}/${name}`.toLowerCase();
}
