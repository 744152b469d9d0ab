// The emulated tenant: one in-memory directory that Entra's sign-in, Graph and the control API all look at.
// Reads go through `visible`, which is where eventual consistency happens.
import { randomUUID } from "node:crypto";
import type { LabClock } from "../clock";
import type {
  AppManagementPolicy,
  AppRole,
  AppRoleAssignmentRecord,
  ApplicationRecord,
  GroupRecord,
  ServicePrincipalRecord,
  SignInRecord,
  UserRecord,
} from "./directory-records";
import { DEFAULT_SETTINGS, type DirectorySettings } from "./directory-settings";

export type { DirectorySettings } from "./directory-settings";

export type DirectoryObject =
  | { readonly type: "application"; readonly record: ApplicationRecord }
  | { readonly type: "servicePrincipal"; readonly record: ServicePrincipalRecord }
  | { readonly type: "group"; readonly record: GroupRecord }
  | { readonly type: "user"; readonly record: UserRecord };

export class Directory {
  readonly settings: DirectorySettings;
  readonly applications = new Map<string, ApplicationRecord>();
  readonly servicePrincipals = new Map<string, ServicePrincipalRecord>();
  readonly appRoleAssignments = new Map<string, AppRoleAssignmentRecord>();
  readonly groups = new Map<string, GroupRecord>();
  readonly users = new Map<string, UserRecord>();
  readonly signIns: SignInRecord[] = [];
  /** Every secret value that ever existed here, for the search for leaks. */
  readonly secretValues = new Set<string>();
  appManagementPolicy: AppManagementPolicy = { isEnabled: false, passwordAddition: false };

  constructor(
    readonly clock: LabClock,
    settings: Partial<DirectorySettings> = {},
  ) {
    this.settings = { ...DEFAULT_SETTINGS, ...settings };
  }

  now(): number {
    return this.clock.now().getTime();
  }

  /** Lab instant at which an object created now is found by reads. */
  visibleFrom(): number {
    return this.now() + this.settings.objectDelaySeconds * 1000;
  }

  visible(record: { readonly visibleFrom: number }): boolean {
    return record.visibleFrom <= this.now();
  }

  liveApplications(): ApplicationRecord[] {
    return [...this.applications.values()].filter((record) => record.deletedAt === undefined);
  }

  applicationByClientId(clientId: string): ApplicationRecord | undefined {
    return this.liveApplications().find((record) => record.clientId === clientId.toLowerCase());
  }

  servicePrincipalByClientId(clientId: string): ServicePrincipalRecord | undefined {
    const wanted = clientId.toLowerCase();
    return [...this.servicePrincipals.values()].find((record) => record.clientId === wanted);
  }

  /** The roles that can be assigned on a resource. */
  appRolesOf(principal: ServicePrincipalRecord): readonly AppRole[] {
    if (principal.firstParty) return principal.appRoles;
    const roles = this.applicationByClientId(principal.clientId)?.properties["appRoles"];
    return Array.isArray(roles) ? (roles as AppRole[]) : [];
  }

  /** Values of the roles that a principal holds on a resource: the token's `roles` claim. */
  rolesOf(principalId: string, resource: ServicePrincipalRecord): string[] {
    const roles = this.appRolesOf(resource);
    return [...this.appRoleAssignments.values()]
      .filter((one) => one.principalId === principalId)
      .filter((one) => one.resourceId === resource.servicePrincipalObjectId)
      .map((one) => roles.find((role) => role.id === one.appRoleId)?.value)
      .filter((value) => value !== undefined)
      .sort();
  }

  /** Any object by its object id, whether visible yet or not. */
  object(objectId: string): DirectoryObject | undefined {
    const key = objectId.toLowerCase();
    const application = this.applications.get(key);
    if (application && application.deletedAt === undefined) {
      return { type: "application", record: application };
    }
    const principal = this.servicePrincipals.get(key);
    if (principal) return { type: "servicePrincipal", record: principal };
    const group = this.groups.get(key);
    if (group) return { type: "group", record: group };
    const user = this.users.get(key);
    return user && { type: "user", record: user };
  }

  createApplication(
    properties: Record<string, unknown>,
    ids: { clientId?: string; applicationObjectId?: string } = {},
  ): ApplicationRecord {
    const record: ApplicationRecord = {
      applicationObjectId: ids.applicationObjectId ?? randomUUID(),
      clientId: ids.clientId ?? randomUUID(),
      passwords: [],
      federatedCredentials: [],
      ownerObjectIds: new Set(),
      properties,
      createdAt: this.now(),
      visibleFrom: this.visibleFrom(),
    };
    this.applications.set(record.applicationObjectId, record);
    return record;
  }

  createServicePrincipal(
    clientId: string,
    properties: Record<string, unknown>,
    options: {
      servicePrincipalObjectId?: string;
      firstParty?: boolean;
      appRoles?: readonly AppRole[];
    } = {},
  ): ServicePrincipalRecord {
    const record: ServicePrincipalRecord = {
      servicePrincipalObjectId: options.servicePrincipalObjectId ?? randomUUID(),
      clientId: clientId.toLowerCase(),
      firstParty: options.firstParty ?? false,
      appRoles: options.appRoles ?? [],
      passwords: [],
      ownerObjectIds: new Set(),
      properties,
      createdAt: this.now(),
      visibleFrom: this.visibleFrom(),
    };
    this.servicePrincipals.set(record.servicePrincipalObjectId, record);
    return record;
  }

  createGroup(
    properties: Record<string, unknown>,
    groupObjectId: string = randomUUID(),
  ): GroupRecord {
    const record: GroupRecord = {
      groupObjectId,
      properties,
      ownerObjectIds: new Set(),
      memberships: [],
      createdAt: this.now(),
      visibleFrom: this.visibleFrom(),
    };
    this.groups.set(groupObjectId, record);
    return record;
  }

  /** Grants an app role; the id is Graph's opaque kind, without a slash. */
  assignAppRole(
    principalId: string,
    resourceId: string,
    appRoleId: string,
  ): AppRoleAssignmentRecord {
    const assignmentId = Buffer.from(randomUUID() + randomUUID())
      .toString("base64url")
      .slice(0, 43);
    const record = { assignmentId, appRoleId, principalId, resourceId, createdAt: this.now() };
    this.appRoleAssignments.set(assignmentId, record);
    return record;
  }

  /** Deletes softly: the application is listed under deletedItems, and its principal goes with it. */
  deleteApplication(record: ApplicationRecord): void {
    record.deletedAt = this.now();
    const principal = this.servicePrincipalByClientId(record.clientId);
    if (principal) this.deleteServicePrincipal(principal);
  }

  deleteServicePrincipal(record: ServicePrincipalRecord): void {
    this.servicePrincipals.delete(record.servicePrincipalObjectId);
    this.forget(record.servicePrincipalObjectId);
  }

  deleteGroup(record: GroupRecord): void {
    this.groups.delete(record.groupObjectId);
    this.forget(record.groupObjectId);
  }

  private forget(objectId: string): void {
    for (const one of [...this.appRoleAssignments.values()]) {
      if (one.principalId === objectId || one.resourceId === objectId) {
        this.appRoleAssignments.delete(one.assignmentId);
      }
    }
    for (const group of this.groups.values()) {
      const at = group.memberships.findIndex((one) => one.memberObjectId === objectId);
      if (at >= 0) group.memberships.splice(at, 1);
    }
  }
}
