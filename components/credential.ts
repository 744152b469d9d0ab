// One credential: issue, prove, store, hand over, record. Each arrow is a dependency, so that the engine orders, retries
// and resumes it; a failed arrow leaves what is before it in place and what is after it undone.
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource, RunError, all, interpolate, secret } from "@pulumi/pulumi";
import type { ManualArgs } from "./manual-hand-over";
import { handOverManually } from "./manual-hand-over";
import { editedFile } from "./edited-file";
import { EpochPassword } from "./epoch-password";
import type { ConsumerFile, SignInLogArgs } from "./host-hand-over";
import { NO_SIGN_IN_LOG, handOverToHosts } from "./host-hand-over";
import type { FormerUpdate } from "../src/contracts/check-ssh";
import { coded } from "../src/contracts/failure-code";
import { adoptionLevel } from "../src/decide/adoption-level";
import type { IssuedPassword } from "../src/decide/history";
import type { Outcome } from "../src/decide/outcome";
import { overdueSentence } from "../src/decide/overdue";
import { removalProblem } from "../src/decide/release";
import type { Plan } from "../src/decide/run-plan";
import type { RunRecord } from "../src/decide/record";
import { recordRun } from "../src/decide/record";
import type { Consumer, ConsumerSecrets } from "../src/keyturn-config";
import { isAutomatic } from "../src/keyturn-config";
import type { Preset } from "../src/presets/preset";
import { SignInProof } from "./sign-in-proof";
import { VaultSecret } from "./vault-secret";

export interface CredentialArgs {
  /** What this run does. */
  readonly plan: Plan;
  /** The schedule and the clock that the plan was made with; plain, for policies. */
  readonly schedule: {
    readonly every: string;
    readonly overlap: string;
    readonly lifetime: string;
    readonly rehearsalClock: boolean;
  };
  readonly preset: Preset;
  readonly consumers: readonly Consumer[];
  /** What is known of the consumers that people serve. */
  readonly manual: ManualArgs;
  /** What the sign-in log says of the automatic ones. @default nothing: each adoption is at level host */
  readonly signInLog?: SignInLogArgs;
  /** Text of the update script by interpreter. */
  readonly scripts: Readonly<Record<string, string>>;
  /** By consumer, what the state holds of its host's last update: a host is looked at whenever its update runs. @default {} */
  readonly formerUpdates?: Readonly<Record<string, FormerUpdate>>;
  /** Of the issued secrets, those that Entra does not list: they are brought to nobody. @default [] */
  readonly missing?: readonly IssuedPassword[];
  readonly tenantId: string;
  readonly environment: string;
  readonly metadataHost: string;
  readonly vaultResourceGroup: string;
  readonly vaultName: pulumi.Input<string>;
  readonly applicationResourceId: pulumi.Input<string>;
  readonly clientId: pulumi.Input<string>;
  /** The product's permissions, once they are consented. */
  readonly consented: pulumi.Input<readonly string[]>;
  readonly groupObjectId: pulumi.Input<string>;
  /** By consumer name; secret as a whole. */
  readonly secrets: pulumi.Output<Readonly<Record<string, ConsumerSecrets>>>;
}

/** One application's secrets, from birth to removal. */
export class Credential extends ComponentResource {
  static readonly TYPE = "keyturn:index:Credential";
  /** Key id of each declared secret, by epoch. */
  readonly keyIds: pulumi.Output<Record<string, string>>;
  /** What each consumer's hand-over came to. */
  readonly outcomes: pulumi.Output<Outcome[]>;
  /** The one-time links that wait to be opened, by consumer; secret as a whole. */
  readonly links: pulumi.Output<Record<string, string>>;
  /** What the next run plans from, and the reason in words. */
  readonly record: pulumi.Output<RunRecord>;
  /** By whose word the secret counts as adopted; empty while a consumer is not. For policies. */
  readonly adoptionLevel: pulumi.Output<string>;
  /** Labels of the former secrets that this run lets go without the sign-in log's word. For policies. */
  readonly notProvenByLog: readonly string[];

  constructor(name: string, args: CredentialArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Credential.TYPE, name, credentialInputs(args), opts);

    const issued = this.issue(name, args);
    const proven = this.prove(name, args, issued.target);
    const stored = this.store(name, args, issued.target, proven);
    const handedOver = this.handOver(name, args, issued.target, stored);
    const recorded = this.recordRun(args, issued, proven, handedOver);

    this.keyIds = issued.keyIds;
    this.outcomes = handedOver.outcomes;
    this.links = handedOver.links;
    this.record = recorded;
    this.adoptionLevel = this.outcomes.apply((results) => adoptionLevel(results) ?? "");
    this.notProvenByLog = args.signInLog?.notProvenByLog ?? [];
    this.registerOutputs({
      keyIds: this.keyIds,
      outcomes: this.outcomes,
      links: this.links,
      record: this.record,
      adoptionLevel: this.adoptionLevel,
      notProvenByLog: this.notProvenByLog,
    });
  }

  /** Every password that the plan declares; the target's is issued if the state has none. */
  private issue(name: string, { plan, applicationResourceId }: CredentialArgs): IssuedSecrets {
    const passwords = plan.passwords.map(({ label, displayName, endDate, protect }) => {
      const inputs = { epoch: label, displayName, endDate, applicationResourceId };
      const password = new EpochPassword(`${name}-${label}`, inputs, { parent: this, protect });
      return [label, password] as const;
    });
    const byLabel = Object.fromEntries(passwords);
    const target = byLabel[plan.target.label];
    if (target === undefined) {
      throw new Error(`The plan must declare ${plan.target.label}. Report this defect.`);
    }
    const keyIds = passwords.map(([label, { keyId }]) => [label, keyId] as const);
    return { target, keyIds: all(Object.fromEntries(keyIds)) };
  }

  /** The target's secret signs in and reads Graph. */
  private prove(name: string, args: CredentialArgs, target: EpochPassword): SignInProof {
    const { signIns, spreadSeconds, boundSeconds, consentSeconds } = args.preset.proof;
    return new SignInProof(
      `${name}-proof`,
      {
        credential: name,
        epoch: args.plan.target.label,
        tenantId: args.tenantId,
        environment: args.environment,
        metadataHost: args.metadataHost,
        permissions: args.preset.permissions,
        signIns,
        spreadSeconds,
        boundSeconds,
        consentSeconds,
        consented: args.consented,
        clientId: args.clientId,
        groupObjectId: args.groupObjectId,
        keyId: target.keyId,
        value: target.value,
      },
      { parent: this },
    );
  }

  /** The vault gets the value, and each product's file that holds it. */
  private store(
    name: string,
    args: CredentialArgs,
    { keyId, value }: EpochPassword,
    proven: SignInProof,
  ): StoredSecrets {
    const { label, start, endDate } = args.plan.target;
    const keep = (role: string, contentType: string, text: pulumi.Input<string>): VaultSecret =>
      new VaultSecret(
        `${name}-${role}`,
        {
          secretName: `${name}-${role}`,
          contentType,
          tenantId: args.tenantId,
          value: text,
          epoch: label,
          start,
          endDate,
          resourceGroupName: args.vaultResourceGroup,
          vaultName: args.vaultName,
          clientId: args.clientId,
          keyId,
          applicationResourceId: args.applicationResourceId,
        },
        { parent: this, dependsOn: [proven] },
      );
    const kept = [keep("client-secret", "text/plain", value)];
    const files = args.consumers.filter(isAutomatic).map((consumer) => {
      const given = args.secrets.apply((all) => all[consumer.name]?.file ?? "");
      if (consumer.host.fileMode === "edit") return { consumer, given, content: given };
      const content = secret(
        all([given, args.clientId, value]).apply(([file, clientId, text]) =>
          editedFile(consumer, file, { clientId, tenantId: args.tenantId, secret: text }),
        ),
      );
      kept.push(keep(`${consumer.name}-file`, "application/json", content));
      return { consumer, given, content };
    });
    return { kept, files };
  }

  /** The machines first, one after the other; people are troubled only when the machines are through. */
  private handOver(
    name: string,
    args: CredentialArgs,
    { keyId, value }: EpochPassword,
    { kept, files }: StoredSecrets,
  ): HandedOver {
    const { plan, vaultName, missing = [] } = args;
    const machines = handOverToHosts(
      files,
      {
        name,
        plan,
        scripts: args.scripts,
        formerUpdates: args.formerUpdates ?? {},
        signInLog: args.signInLog ?? NO_SIGN_IN_LOG,
        secrets: args.secrets,
        writer: interpolate`${vaultName}:${name}`,
        keyId,
        value,
        missing,
      },
      { parent: this, dependsOn: kept },
    );
    const manual = handOverManually(
      args.consumers,
      args.manual,
      {
        name,
        epoch: plan.target.label,
        secretName: `${name}-client-secret`,
        keyId,
        value,
        vaultName,
        missing,
        activeKeyId: plan.history?.active?.keyId,
      },
      { parent: this, dependsOn: [...kept, ...machines.updates] },
    );
    const outcomes = all<Outcome>([...machines.outcomes, ...manual.outcomes]);
    return { outcomes, links: manual.links };
  }

  /**
   * What the next run plans from. Fails where people have taken too long, or where a host holds another secret in the run that
   * would remove one: nothing is recorded then, and nothing removed.
   */
  private recordRun(
    { plan }: CredentialArgs,
    { keyIds }: IssuedSecrets,
    { notShown, span }: SignInProof,
    { outcomes }: HandedOver,
  ): pulumi.Output<RunRecord> {
    return all([keyIds, outcomes, notShown, span]).apply(([ids, results, unshown, proof]) => {
      const manual = results.filter((one) => one.kind !== "automatic");
      const late = overdueSentence(plan, ids, manual);
      if (late !== undefined) throw new RunError(coded("overdue", late));
      const problem = removalProblem(plan, ids, results);
      if (problem !== undefined) throw new RunError(problem);
      const record = recordRun(plan, ids, results);
      return { ...record, ...(proof && { proof }), notes: [...unshown, ...record.notes] };
    });
  }
}

interface IssuedSecrets {
  readonly target: EpochPassword;
  /** Key id of each declared secret, by epoch. */
  readonly keyIds: pulumi.Output<Record<string, string>>;
}

interface StoredSecrets {
  readonly kept: readonly VaultSecret[];
  readonly files: readonly ConsumerFile[];
}

interface HandedOver {
  readonly outcomes: pulumi.Output<Outcome[]>;
  readonly links: pulumi.Output<Record<string, string>>;
}

/**
 * The decisions that policies and people want to see; no connection, no secret. Nothing that a day changes: a run
 * with nothing to do changes nothing, and what a run came to is in the outputs.
 */
function credentialInputs({ plan, schedule, consumers }: CredentialArgs): pulumi.Inputs {
  const { label, endDate } = plan.target;
  return { ...schedule, epoch: label, endDate, consumers: consumers.map(({ name }) => name) };
}
