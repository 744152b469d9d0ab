// An application that exists, adopted by its client id: read, never made, changed or removed. Only its secrets are
// ours. Whether it can be adopted was decided before anything was declared.
import { getApplicationOutput } from "@pulumi/azuread/getApplication";
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource } from "@pulumi/pulumi";

export interface ExistingApplicationArgs {
  /** Client id of the application. */
  readonly clientId: string;
}

/** An application that is not this stack's. */
export class ExistingApplication extends ComponentResource {
  static readonly TYPE = "keyturn:index:ExistingApplication";
  /** The application's resource id, as passwords want it. */
  readonly applicationResourceId: pulumi.Output<string>;
  readonly clientId: pulumi.Output<string>;

  constructor(name: string, args: ExistingApplicationArgs, opts?: pulumi.ComponentResourceOptions) {
    const { clientId } = args;
    super(ExistingApplication.TYPE, name, { clientId }, opts);

    const application = getApplicationOutput({ clientId }, { parent: this });
    this.applicationResourceId = application.id;
    this.clientId = application.clientId;

    this.registerOutputs({
      applicationResourceId: this.applicationResourceId,
      clientId: this.clientId,
    });
  }
}
