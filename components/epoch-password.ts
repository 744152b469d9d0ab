// The secret of one epoch. A resource of its own that is never replaced: another epoch is another resource.
import { ApplicationPassword } from "@pulumi/azuread/applicationPassword";
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource, output, secret } from "@pulumi/pulumi";

export interface EpochPasswordArgs {
  /** The epoch's label. */
  readonly epoch: string;
  /** Its name in Entra: `sesar 2026-05`. */
  readonly displayName: string;
  /** Its end, whole seconds: `2027-05-01T00:00:00Z`. */
  readonly endDate: string;
  /** The application's resource id. */
  readonly applicationResourceId: pulumi.Input<string>;
}

/** One client secret; protect it with the options while a service may hold it. */
export class EpochPassword extends ComponentResource {
  static readonly TYPE = "keyturn:index:EpochPassword";
  readonly keyId: pulumi.Output<string>;
  readonly endDate: pulumi.Output<string>;
  /** The secret; never an output of a stack. */
  readonly value: pulumi.Output<string>;

  constructor(name: string, args: EpochPasswordArgs, opts?: pulumi.ComponentResourceOptions) {
    const { epoch, displayName, endDate } = args;
    // Protection is the password's alone: what is left of it when it was deleted in the portal must not stand in the way.
    const { protect, ...unprotected } = opts ?? {};
    super(EpochPassword.TYPE, name, { epoch, displayName, endDate }, unprotected);

    // No startDate: Graph refuses one that has passed. No endDateRelative: the provider ignores it.
    const password = new ApplicationPassword(
      `${name}-password`,
      { applicationId: args.applicationResourceId, displayName, endDate },
      { parent: this, ...(protect === undefined ? {} : { protect }) },
    );
    this.keyId = password.keyId;
    this.endDate = output(endDate);
    this.value = secret(password.value);

    this.registerOutputs({ keyId: this.keyId, endDate: this.endDate, value: this.value });
  }
}
