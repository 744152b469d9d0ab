// Consents to each Graph permission of an application: one assignment each, so that a revoked one is seen by itself.
import { AppRoleAssignment } from "@pulumi/azuread/appRoleAssignment";
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource, all } from "@pulumi/pulumi";
import { importing } from "./importing";

export interface GraphPermissionsArgs {
  /** Microsoft Graph application permissions, by name. */
  readonly permissions: readonly string[];
  /** Role id of each permission, in the same order. */
  readonly graphRoleIds: pulumi.Output<readonly string[]>;
  readonly servicePrincipalObjectId: pulumi.Input<string>;
  readonly graphServicePrincipalObjectId: pulumi.Input<string>;
  /** By permission, import id of a consent that exists and is not in the state. @default each is given here */
  readonly existingConsents?: Readonly<Record<string, string>>;
}

/** Admin consent, permission by permission. */
export class GraphPermissions extends ComponentResource {
  static readonly TYPE = "keyturn:index:GraphPermissions";
  /** The permissions that are consented. */
  readonly consented: pulumi.Output<string[]>;

  constructor(name: string, args: GraphPermissionsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(GraphPermissions.TYPE, name, { permissions: args.permissions }, opts);

    const assignments = args.permissions.map(
      (permission, index) =>
        new AppRoleAssignment(
          `${name}-${permission}`,
          {
            appRoleId: args.graphRoleIds.apply((ids) => String(ids[index])),
            principalObjectId: args.servicePrincipalObjectId,
            resourceObjectId: args.graphServicePrincipalObjectId,
          },
          { parent: this, ...importing(args.existingConsents?.[permission]) },
        ),
    );
    this.consented = all(assignments.map((assignment) => assignment.id)).apply(() => [
      ...args.permissions,
    ]);

    this.registerOutputs({ consented: this.consented });
  }
}
