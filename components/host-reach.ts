// Looks whether a host can be reached, within a bound: the SSH plugin waits without one for a server that accepts a
// connection and stays silent. The engine runs steps/reach as a local command; the key goes to its standard input.
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource, all } from "@pulumi/pulumi";
import type { Connection } from "./pure/settings";
import { stepCommand } from "./step-command";

export interface HostReachArgs {
  /** The consumer's name. */
  readonly consumer: string;
  readonly connection: Connection;
  /** Private key of the connection's user. */
  readonly privateKey: pulumi.Input<string>;
  /** What is carried there: it is looked again when one of these changes, and only then. */
  readonly keyId: pulumi.Input<string>;
  readonly revision: pulumi.Input<string>;
  readonly attempt: string;
  readonly retry: number;
}

/** A host that answers by its own key and lets the user in. */
export class HostReach extends ComponentResource {
  static readonly TYPE = "keyturn:index:HostReach";

  constructor(name: string, args: HostReachArgs, opts?: pulumi.ComponentResourceOptions) {
    const { consumer, connection, attempt, retry } = args;
    super(HostReach.TYPE, name, { consumer, attempt, retry }, opts);

    const input = all([args.privateKey, args.keyId, args.revision]).apply(
      ([privateKey, keyId, revision]) => ({
        consumer,
        ...connection,
        ...{ privateKey, keyId, revision, attempt, retry },
      }),
    );
    stepCommand(name, "reach", input, this);

    this.registerOutputs({});
  }
}
