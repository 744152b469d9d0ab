// Signs in with a new secret and reads Graph with it, before a service is touched. The engine runs steps/prove as a
// local command; the secret goes to its standard input.
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource, all, unsecret } from "@pulumi/pulumi";
import { provenKeyId } from "./pure/proof";
import { stepCommand } from "./step-command";

export interface SignInProofArgs {
  /** The credential's name, for error sentences. */
  readonly credential: string;
  readonly epoch: string;
  readonly tenantId: string;
  readonly environment: string;
  readonly metadataHost: string;
  /** Microsoft Graph application permissions, each read with once. */
  readonly permissions: readonly string[];
  /** Sign-ins in a row that must succeed. */
  readonly signIns: number;
  readonly boundSeconds: number;
  readonly consentSeconds: number;
  /** The same permissions, once they are consented. */
  readonly consented: pulumi.Input<readonly string[]>;
  readonly clientId: pulumi.Input<string>;
  readonly keyId: pulumi.Input<string>;
  /** A group whose members are read; empty: any group. */
  readonly groupObjectId: pulumi.Input<string>;
  /** The secret. */
  readonly value: pulumi.Input<string>;
}

/** A secret that signs in. */
export class SignInProof extends ComponentResource {
  static readonly TYPE = "keyturn:index:SignInProof";
  /** Key id of the secret that is proven. */
  readonly provenKeyId: pulumi.Output<string>;

  constructor(name: string, args: SignInProofArgs, opts?: pulumi.ComponentResourceOptions) {
    const { credential, consented, clientId, keyId, groupObjectId, value, ...plain } = args;
    super(SignInProof.TYPE, name, { credential, ...plain }, opts);

    const input = all([consented, clientId, keyId, groupObjectId, value]).apply(
      ([permissions, client, key, group, text]) => ({
        name: credential,
        ...plain,
        permissions,
        clientId: client,
        keyId: key,
        groupObjectId: group,
        secret: text,
      }),
    );
    const command = stepCommand(name, "prove", input, this);
    this.provenKeyId = unsecret(command.stdout).apply(provenKeyId);

    this.registerOutputs({ provenKeyId: this.provenKeyId });
  }
}
