// An application that exists, adopted by its client id: read, never made, changed or removed. Only its secrets are
// ours. The same outputs as AppRegistration, so that either can stand in front of a credential.
import { getApplicationOutput } from "@pulumi/azuread/getApplication";
import { getServicePrincipalOutput } from "@pulumi/azuread/getServicePrincipal";
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource, RunError } from "@pulumi/pulumi";
import { GRAPH_CLIENT_ID } from "./app-registration";
import { graphRoleIds } from "./pure/graph-roles";

export interface ExistingApplicationArgs {
  /** Client id of the application. */
  readonly clientId: string;
  /** Microsoft Graph application permissions that the product asks for, by name. */
  readonly permissions: readonly string[];
}

/** An application and its service principal, neither of them this stack's. */
export class ExistingApplication extends ComponentResource {
  static readonly TYPE = "keyturn:index:ExistingApplication";
  /** The application's resource id, as passwords want it. */
  readonly applicationResourceId: pulumi.Output<string>;
  readonly clientId: pulumi.Output<string>;
  readonly servicePrincipalObjectId: pulumi.Output<string>;
  readonly graphServicePrincipalObjectId: pulumi.Output<string>;
  /** Role id of each permission, in the order of the permissions. */
  readonly graphRoleIds: pulumi.Output<readonly string[]>;

  constructor(name: string, args: ExistingApplicationArgs, opts?: pulumi.ComponentResourceOptions) {
    const { clientId, permissions } = args;
    super(ExistingApplication.TYPE, name, { clientId, permissions }, opts);

    const application = getApplicationOutput({ clientId }, { parent: this });
    const principal = getServicePrincipalOutput({ clientId }, { parent: this });
    const graph = getServicePrincipalOutput({ clientId: GRAPH_CLIENT_ID }, { parent: this });
    this.applicationResourceId = application.apply(({ id, signInAudience }) => {
      if (signInAudience === "AzureADMyOrg") return id;
      throw new RunError(
        `clientId must be that of a single-tenant application, got ${clientId}, whose audience is ${signInAudience}. Adopt another one.`,
      );
    });
    this.clientId = application.clientId;
    this.servicePrincipalObjectId = principal.objectId;
    this.graphServicePrincipalObjectId = graph.objectId;
    this.graphRoleIds = graph.appRoleIds.apply((roles) => graphRoleIds(permissions, roles));

    this.registerOutputs({
      applicationResourceId: this.applicationResourceId,
      clientId: this.clientId,
      servicePrincipalObjectId: this.servicePrincipalObjectId,
      graphServicePrincipalObjectId: this.graphServicePrincipalObjectId,
      graphRoleIds: this.graphRoleIds,
    });
  }
}
