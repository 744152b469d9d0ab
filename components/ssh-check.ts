// Looks whether a host can be reached, within a bound: the SSH plugin waits without one for a server that accepts a
// connection and stays silent. The engine runs steps/reach as a local command; the key goes to its standard input.
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource, all, unsecret } from "@pulumi/pulumi";
import { type ReachInput, lookDigest } from "../src/contracts/check-ssh";
import type { Connection } from "../src/keyturn-config";
import { stepCommand } from "./step-command";

export interface SshCheckArgs {
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
  /** Counts the looks that none of these asks for, although the update will run; undefined until one was needed. */
  readonly again: pulumi.Input<number | undefined>;
  /** Where nobody else may write, since the script lies there; undefined in a look that does not ask. */
  readonly scriptPath: pulumi.Input<string | undefined>;
}

/** A host that answers by its own key and lets the user in. */
export class SshCheck extends ComponentResource {
  static readonly TYPE = "keyturn:index:HostReach";
  /** Another one for every look, whatever asked for it. */
  readonly digest: pulumi.Output<string>;

  constructor(name: string, args: SshCheckArgs, opts?: pulumi.ComponentResourceOptions) {
    const { consumer, connection, attempt, retry } = args;
    super(SshCheck.TYPE, name, { consumer, attempt, retry }, opts);

    const { privateKey, keyId, revision, again, scriptPath } = args;
    const input = all([privateKey, keyId, revision, again, scriptPath]).apply(
      ([key, id, revised, count, path]): ReachInput => ({
        consumer,
        ...connection,
        privateKey: key,
        keyId: id,
        revision: revised,
        attempt,
        retry,
        ...(count === undefined ? {} : { again: count }),
        ...(path === undefined ? {} : { scriptPath: path }),
      }),
    );
    stepCommand(name, "reach", input, this);

    this.digest = unsecret(input.apply(lookDigest));
    this.registerOutputs({});
  }
}
