// The application that a service signs in as: single tenant, with the Graph permissions it asks for.
// Declaring a permission grants nothing; GraphPermissions consents.
import { Application } from "@pulumi/azuread/application";
import { getClientConfigOutput } from "@pulumi/azuread/getClientConfig";
import { getServicePrincipalOutput } from "@pulumi/azuread/getServicePrincipal";
import { ServicePrincipal } from "@pulumi/azuread/servicePrincipal";
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource, mergeOptions } from "@pulumi/pulumi";
import { importing } from "./importing";
import { ownersWith } from "./owners";
import { GRAPH_CLIENT_ID, graphRoleIds } from "../src/decide/graph-roles";

export interface AppRegistrationArgs {
  /** Display name of the application. */
  readonly displayName: string;
  /** Microsoft Graph application permissions, by name. */
  readonly permissions: readonly string[];
  /** Object ids of the owners, beside whoever makes it: looked at when it is made, and not again. @default none */
  readonly owners?: readonly string[];
  /** Import id of the service principal, where it exists and is not in the state. @default made here */
  readonly existingPrincipal?: string | undefined;
}

/** An application and its service principal; protected. */
export class AppRegistration extends ComponentResource {
  static readonly TYPE = "keyturn:index:AppRegistration";
  /** The application's resource id, as passwords want it. */
  readonly applicationResourceId: pulumi.Output<string>;
  readonly clientId: pulumi.Output<string>;
  readonly servicePrincipalObjectId: pulumi.Output<string>;
  readonly graphServicePrincipalObjectId: pulumi.Output<string>;
  /** Role id of each permission, in the order of the permissions. */
  readonly graphRoleIds: pulumi.Output<readonly string[]>;

  constructor(name: string, args: AppRegistrationArgs, opts?: pulumi.ComponentResourceOptions) {
    const { displayName, permissions, existingPrincipal } = args;
    const defaults = { protect: true };
    super(AppRegistration.TYPE, name, { displayName, permissions }, mergeOptions(defaults, opts));

    // A data source, never useExisting: that would change, and on destroy remove, Graph's own principal.
    const graph = getServicePrincipalOutput({ clientId: GRAPH_CLIENT_ID }, { parent: this });
    this.graphServicePrincipalObjectId = graph.objectId;
    this.graphRoleIds = graph.appRoleIds.apply((roles) => graphRoleIds(permissions, roles));

    // The deployer owns what it makes: its least permission reaches owned applications only. Who owns it later, and
    // who runs the program then, is people's business and no change.
    const owners = ownersWith(getClientConfigOutput({ parent: this }).objectId, args.owners);
    const ours = { parent: this, ignoreChanges: ["owners"] };
    const application = new Application(
      `${name}-application`,
      {
        displayName,
        signInAudience: "AzureADMyOrg",
        owners,
        requiredResourceAccesses:
          permissions.length === 0
            ? []
            : [
                {
                  resourceAppId: GRAPH_CLIENT_ID,
                  resourceAccesses: this.graphRoleIds.apply((ids) =>
                    ids.map((roleId) => ({ id: roleId, type: "Role" })),
                  ),
                },
              ],
      },
      ours,
    );
    const principal = new ServicePrincipal(
      `${name}-principal`,
      { clientId: application.clientId, owners },
      { ...ours, ...importing(existingPrincipal) },
    );
    this.applicationResourceId = application.id;
    this.clientId = application.clientId;
    this.servicePrincipalObjectId = principal.objectId;

    this.registerOutputs({
      applicationResourceId: this.applicationResourceId,
      clientId: this.clientId,
      servicePrincipalObjectId: this.servicePrincipalObjectId,
      graphServicePrincipalObjectId: this.graphServicePrincipalObjectId,
      graphRoleIds: this.graphRoleIds,
    });
  }
}
