// Hands a secret to one service on one host: copies the update script there and runs it, everything on its standard input.
// Updated in place, one resource for all epochs; what it came to is read from the report, not from the exit code.
import { CopyToRemote } from "@pulumi/command/remote/copyToRemote";
import { Command } from "@pulumi/command/remote/command";
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource, RunError, all, asset, output, secret, unsecret } from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { SshCheck } from "./ssh-check";
import type { FormerUpdate } from "../src/contracts/check-ssh";
import {
  copyTrigger,
  lookAgain,
  scriptPathAsked,
  scriptPathOf,
  updateDigest,
} from "../src/contracts/check-ssh";
import { encodeHostInput } from "../src/contracts/host-update";
import type { HostOutcome } from "../src/decide/outcome";
import { hostCommand, hostFields, outcomeOf } from "../src/decide/host-fields";
import type { HostPreset } from "../src/presets/preset";
import type { Connection } from "../src/keyturn-config";

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
  /** Why the secret may not be brought there, by its key id; undefined when it may. @default it may */
  readonly refusal?: (keyId: string) => string | undefined;
  /** What the state holds of the host's last update, so that the host is looked at whenever this one runs. @default nothing */
  readonly former?: FormerUpdate | undefined;
}

const DIAL_ERROR_LIMIT = 3;
const DIAL_SECONDS = 15;

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
    const revision = output(args.givenFile).apply((file) => revisionOf(file));
    const remotePath = scriptPathOf(host, args.script);
    const create = hostCommand(host.interpreter, remotePath);
    const stdin = all([args.writer, args.keyId, args.value, revision, args.content]).apply(
      ([writer, keyId, value, revised, content]) => {
        const input = encodeHostInput(
          hostFields(host, {
            consumer,
            epoch,
            attempt,
            retry,
            writer,
            keyId,
            value,
            content,
            revision: revised,
          }),
        );
        // An update that the state has already is not run again: it needs no leave.
        const runs = args.former?.digest !== updateDigest(create, input);
        const refusal = runs ? args.refusal?.(keyId) : undefined;
        if (refusal !== undefined) throw new RunError(refusal);
        return input;
      },
    );
    const digest = stdin.apply((input) => updateDigest(create, input));
    const sshCheck = new SshCheck(
      `${name}-reach`,
      {
        consumer,
        attempt,
        retry,
        revision,
        connection: args.connection,
        privateKey: args.privateKey,
        keyId: args.keyId,
        again: digest.apply((one) => lookAgain(args.former, one)),
        scriptPath: digest.apply((one) => scriptPathAsked(args.former, one, remotePath)),
      },
      { parent: this },
    );
    const why = sshCheck.digest.apply((look) => copyTrigger(args.former, look));
    const script = new CopyToRemote(
      `${name}-script`,
      {
        connection,
        source: new asset.StringAsset(args.script),
        remotePath,
        // The engine leaves out what is undefined; the SDK's type does not know it.
        triggers: why.apply((one) => (one === undefined ? undefined : [one])) as pulumi.Output<
          string[]
        >,
      },
      { parent: this, dependsOn: [sshCheck] },
    );
    const command = new Command(
      `${name}-command`,
      {
        connection,
        create,
        stdin: secret(stdin),
        logging: "none",
        addPreviousOutputInEnv: false,
      },
      { parent: this, dependsOn: [script], additionalSecretOutputs: ["stdout", "stderr"] },
    );
    // Plain from here on, and so not before it is known to hold nothing of the secret.
    this.outcome = unsecret(
      all([command.stdout, args.value, args.keyId]).apply(([stdout, value, keyId]) => {
        try {
          return outcomeOf(consumer, stdout, { secret: value, keyId });
        } catch (error) {
          throw new RunError(error instanceof Error ? error.message : "The report is unreadable.");
        }
      }),
    );

    this.registerOutputs({ outcome: this.outcome });
  }
}

const REVISION_DIGITS = 16;

function revisionOf(file: string): string {
  return createHash("sha256").update(file).digest("hex").slice(0, REVISION_DIGITS);
}
