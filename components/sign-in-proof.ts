// Signs in with a new secret and reads Graph with it, before a service is touched. The engine runs steps/prove as a
// local command; the secret goes to its standard input.
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource, all, unsecret } from "@pulumi/pulumi";
import { parseProof } from "../src/contracts/prove";
import type { ProofSpan } from "../src/decide/sign-ins";
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
  /** Time over which they are spread, from the first to the last. @default 60 */
  readonly spreadSeconds?: number | undefined;
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

/** A secret that has signed in as often as asked, and has read Graph once with each permission. Another key id proves anew. */
export class SignInProof extends ComponentResource {
  static readonly TYPE = "keyturn:index:SignInProof";
  /** Key id of the secret that is proven. */
  readonly provenKeyId: pulumi.Output<string>;
  /** What no read of Graph could show, one sentence a permission. */
  readonly notShown: pulumi.Output<readonly string[]>;
  /** When it signed in, by Entra's own clock; undefined of a proof that an earlier release made. */
  readonly span: pulumi.Output<ProofSpan | undefined>;

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
    const proof = unsecret(command.stdout).apply(parseProof);
    this.provenKeyId = proof.keyId;
    this.notShown = proof.notShown;
    this.span = proof.apply((one) => spanOf(one));

    this.registerOutputs({
      provenKeyId: this.provenKeyId,
      notShown: this.notShown,
      span: this.span,
    });
  }
}

function spanOf({ keyId, span }: ReturnType<typeof parseProof>): ProofSpan | undefined {
  return span && { keyId, from: span.from, until: span.until };
}
