// Hands a secret to one service on one host: copies the update script there and runs it, everything on its standard input.
// Updated in place, one resource for all epochs; what it came to is read from the report, not from the exit code.
import { CopyToRemote } from "@pulumi/command/remote/copyToRemote";
import { Command } from "@pulumi/command/remote/command";
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource, all, asset, output, secret, unsecret } from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { HostReach } from "./host-reach";
import { encodeHostInput } from "./pure/host-contract";
import type { HostOutcome } from "./pure/host-fields";
import { hostCommand, hostFields, outcomeOf } from "./pure/host-fields";
import type { HostPreset } from "./pure/preset";
import type { Connection } from "./pure/settings";

export interface HostUpdateArgs {
  /** The consumer's name. */
  readonly consumer: string;
  /** The epoch whose secret is handed over. */
  readonly epoch: string;
  /** Another one makes the host answer again. */
  readonly attempt: string;
  /** Raised to try again after the host was restored twice. */
  readonly retry: number;
  /** How the product takes its secret. */
  readonly host: HostPreset;
  /** Text of the update script. */
  readonly script: string;
  readonly connection: Connection;
  /** Private key of the connection's user. */
  readonly privateKey: pulumi.Input<string>;
  /** Who writes the file; see pure/host-fields. */
  readonly writer: pulumi.Input<string>;
  readonly keyId: pulumi.Input<string>;
  /** The secret. */
  readonly value: pulumi.Input<string>;
  /** The product's file as given, secret as a whole; empty for file mode edit. */
  readonly givenFile: pulumi.Input<string>;
  /** The product's file with the secret in place; empty for file mode edit. */
  readonly content: pulumi.Input<string>;
}

const DIAL_ERROR_LIMIT = 3;
const DIAL_SECONDS = 15;
const DIGEST_DIGITS = 8;

/** One consumer on its host. */
export class HostUpdate extends ComponentResource {
  static readonly TYPE = "keyturn:index:HostUpdate";
  readonly outcome: pulumi.Output<HostOutcome>;

  constructor(name: string, args: HostUpdateArgs, opts?: pulumi.ComponentResourceOptions) {
    const { consumer, epoch, attempt, retry, host } = args;
    super(HostUpdate.TYPE, name, { consumer, epoch, attempt, retry }, opts);

    const connection = secret({
      ...args.connection,
      privateKey: args.privateKey,
      dialErrorLimit: DIAL_ERROR_LIMIT,
      perDialTimeout: DIAL_SECONDS,
    });
    const revision = output(args.givenFile).apply((file) => digest(file, REVISION_DIGITS));
    const reach = new HostReach(
      `${name}-reach`,
      {
        ...{ consumer, attempt, retry, revision, connection: args.connection },
        privateKey: args.privateKey,
        keyId: args.keyId,
      },
      { parent: this },
    );
    const extension = host.interpreter === "sh" ? "sh" : "ps1";
    const remotePath = `${host.scriptDirectory}/update-${digest(args.script, DIGEST_DIGITS)}.${extension}`;
    const script = new CopyToRemote(
      `${name}-script`,
      { connection, source: new asset.StringAsset(args.script), remotePath },
      { parent: this, dependsOn: [reach] },
    );
    const stdin = all([args.writer, args.keyId, args.value, revision, args.content]).apply(
      ([writer, keyId, value, revised, content]) =>
        encodeHostInput(
          hostFields(host, {
            ...{ consumer, epoch, attempt, retry, writer, keyId, value, content },
            revision: revised,
          }),
        ),
    );
    const command = new Command(
      `${name}-command`,
      {
        connection,
        create: hostCommand(host.interpreter, remotePath),
        stdin: secret(stdin),
        logging: "none",
        addPreviousOutputInEnv: false,
      },
      { parent: this, dependsOn: [script], additionalSecretOutputs: ["stdout", "stderr"] },
    );
    this.outcome = unsecret(command.stdout).apply((stdout) => outcomeOf(consumer, stdout));

    this.registerOutputs({ outcome: this.outcome });
  }
}

const REVISION_DIGITS = 16;

function digest(text: string, digits: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digits);
}
