// Makes the one-time link by which people get a new secret. The engine runs steps/one-time-link as a local command; the
// secret goes to its standard input, and the link comes back on its standard output: both are secrets.
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource, all, secret, unsecret } from "@pulumi/pulumi";
import type { MadeLink } from "../src/contracts/one-time-link";
import { linkText, madeLink } from "../src/contracts/one-time-link";
import { stepCommand } from "./step-command";

export interface OneTimeLinkArgs {
  /** The consumer's name. */
  readonly consumer: string;
  /** The epoch whose secret is handed over. */
  readonly epoch: string;
  /** Raised to make another link. */
  readonly retry: number;
  /** SnapPass-compatible server: base address, https, no slash at its end. */
  readonly server: string;
  /** How long the link can be opened. */
  readonly linkSeconds: number;
  readonly keyId: pulumi.Input<string>;
  /** The secret. */
  readonly value: pulumi.Input<string>;
}

/** One one-time link; another epoch or another `retry` makes another. */
export class OneTimeLink extends ComponentResource {
  static readonly TYPE = "keyturn:index:HandOver";
  /** The link; whoever has it has the secret. */
  readonly link: pulumi.Output<string>;
  /** Its storage key and its end, which open nothing. */
  readonly made: pulumi.Output<MadeLink>;

  constructor(name: string, args: OneTimeLinkArgs, opts?: pulumi.ComponentResourceOptions) {
    const { consumer, epoch, retry, server, linkSeconds } = args;
    super(OneTimeLink.TYPE, name, { consumer, epoch, retry, server, linkSeconds }, opts);

    const input = all([args.keyId, args.value]).apply(([keyId, value]) => ({
      consumer,
      epoch,
      keyId,
      retry,
      server,
      seconds: linkSeconds,
      secret: value,
    }));
    const command = stepCommand(name, "one-time-link", input, this);
    this.link = secret(command.stdout).apply(linkText);
    this.made = unsecret(command.stdout).apply(madeLink);

    this.registerOutputs({ link: this.link, made: this.made });
  }
}
