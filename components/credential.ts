// One credential: issue, prove, store, hand over, record. Each arrow is a dependency, so that the engine orders, retries
// and resumes it; a failed arrow leaves what is before it in place and what is after it undone.
import type * as pulumi from "@pulumi/pulumi";
import { ComponentResource, RunError, all, interpolate, secret } from "@pulumi/pulumi";
import type { PeopleArgs } from "./by-people";
import { handToPeople } from "./by-people";
import { editedFile } from "./edited-file";
import { EpochPassword } from "./epoch-password";
import { HostUpdate } from "./host-update";
import type { Outcome } from "./pure/manual";
import { overdueSentence } from "./pure/overdue";
import type { Plan } from "./pure/plan";
import type { RunRecord } from "./pure/record";
import { recordRun } from "./pure/record";
import type { Consumer, ConsumerSecrets } from "./pure/settings";
import { isAutomatic } from "./pure/settings";
import type { Preset } from "./pure/preset";
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
  readonly product: Preset;
  readonly consumers: readonly Consumer[];
  /** What is known of the consumers that people serve. */
  readonly people: PeopleArgs;
  /** Text of the update script by interpreter. */
  readonly scripts: Readonly<Record<string, string>>;
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

  constructor(name: string, args: CredentialArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plan, product, consumers, tenantId, environment, metadataHost } = args;
    super(Credential.TYPE, name, credentialInputs(args), opts);

    const passwords = plan.passwords.map(
      ({ label, displayName, endDate, protect }) =>
        [
          label,
          new EpochPassword(
            `${name}-${label}`,
            {
              ...{ epoch: label, displayName, endDate },
              applicationResourceId: args.applicationResourceId,
            },
            { parent: this, protect },
          ),
        ] as const,
    );
    const target = targetOf(passwords, plan.target.label);
    this.keyIds = all(Object.fromEntries(passwords.map(([label, { keyId }]) => [label, keyId])));

    const { signIns, boundSeconds, consentSeconds } = product.proof;
    const proof = new SignInProof(
      `${name}-proof`,
      {
        ...{ credential: name, epoch: plan.target.label, tenantId, environment, metadataHost },
        ...{ permissions: product.permissions, signIns, boundSeconds, consentSeconds },
        consented: args.consented,
        clientId: args.clientId,
        groupObjectId: args.groupObjectId,
        keyId: target.keyId,
        value: target.value,
      },
      { parent: this },
    );

    const store = (role: string, contentType: string, value: pulumi.Input<string>): VaultSecret =>
      new VaultSecret(
        `${name}-${role}`,
        {
          ...{ secretName: `${name}-${role}`, contentType, tenantId, value },
          ...{ epoch: plan.target.label, start: plan.target.start, endDate: plan.target.endDate },
          resourceGroupName: args.vaultResourceGroup,
          vaultName: args.vaultName,
          clientId: args.clientId,
          keyId: target.keyId,
          applicationResourceId: args.applicationResourceId,
        },
        { parent: this, dependsOn: [proof] },
      );
    const stored = [store("client-secret", "text/plain", target.value)];

    const files = consumers.filter(isAutomatic).map((consumer) => {
      const given = args.secrets.apply((all) => all[consumer.name]?.file ?? "");
      if (consumer.host.fileMode === "edit") return { consumer, given, content: given };
      const content = secret(
        all([given, args.clientId, target.value]).apply(([file, clientId, value]) =>
          editedFile(consumer, file, { clientId, tenantId, secret: value }),
        ),
      );
      stored.push(store(`${consumer.name}-file`, "application/json", content));
      return { consumer, given, content };
    });

    // One at a time, and none after a failure: each waits for the one before.
    const updates: HostUpdate[] = [];
    for (const { consumer, given, content } of files) {
      const update = new HostUpdate(
        `${name}-${consumer.name}`,
        {
          ...{ consumer: consumer.name, host: consumer.host, connection: consumer.connection },
          ...{ epoch: plan.target.label, attempt: plan.attempt, retry: consumer.retry },
          script: args.scripts[consumer.host.interpreter] ?? "",
          privateKey: args.secrets.apply((all) => all[consumer.name]?.privateKey ?? ""),
          writer: interpolate`${args.vaultName}:${name}`,
          keyId: target.keyId,
          value: target.value,
          givenFile: given,
          content,
        },
        { parent: this, dependsOn: [...stored, ...updates.slice(-1)] },
      );
      updates.push(update);
    }
    // People are troubled only when the machines are through.
    const people = handToPeople(
      consumers,
      args.people,
      {
        ...{ name, epoch: plan.target.label, secretName: `${name}-client-secret` },
        ...{ keyId: target.keyId, value: target.value, vaultName: args.vaultName },
        activeKeyId: plan.history?.active?.keyId,
      },
      { parent: this, dependsOn: [...stored, ...updates] },
    );
    this.outcomes = all<Outcome>([...updates.map((update) => update.outcome), ...people.outcomes]);
    this.links = people.links;
    this.record = all([this.keyIds, this.outcomes]).apply(([keyIds, outcomes]) =>
      recordOrFail(plan, keyIds, outcomes),
    );

    this.registerOutputs({
      ...{ keyIds: this.keyIds, outcomes: this.outcomes, links: this.links, record: this.record },
    });
  }
}

/**
 * The decisions that policies and people want to see; no connection, no secret. Nothing that a day changes: a run
 * with nothing to do changes nothing, and what a run came to is in the outputs.
 */
function credentialInputs({ plan, schedule, consumers }: CredentialArgs): pulumi.Inputs {
  const { label, endDate } = plan.target;
  return { ...schedule, epoch: label, endDate, consumers: consumers.map(({ name }) => name) };
}

/** The run's record. @throws RunError when people have taken too long: nothing is recorded then */
function recordOrFail(
  plan: Plan,
  keyIds: Readonly<Record<string, string>>,
  outcomes: readonly Outcome[],
): RunRecord {
  const late = overdueSentence(
    plan,
    keyIds,
    outcomes.filter((one) => one.kind !== "automatic"),
  );
  if (late !== undefined) throw new RunError(late);
  return recordRun(plan, keyIds, outcomes);
}

function targetOf(
  passwords: readonly (readonly [string, EpochPassword])[],
  label: string,
): EpochPassword {
  const found = passwords.find(([candidate]) => candidate === label)?.[1];
  if (found === undefined) throw new Error(`The plan must declare ${label}. Report this defect.`);
  return found;
}
