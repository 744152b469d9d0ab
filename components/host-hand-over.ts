// The hand-overs to consumers that the host transaction serves: one at a time, and none after a failure.
import type * as pulumi from "@pulumi/pulumi";
import type { FormerUpdate } from "../src/contracts/check-ssh";
import type { IssuedPassword } from "../src/decide/history";
import { goneProblem } from "../src/decide/inventory";
import type { AdoptionEvidence } from "../src/decide/adoption-evidence";
import { type Sighting, withLevel } from "../src/decide/adoption-level";
import type { HostOutcome } from "../src/decide/outcome";
import { patienceOf } from "../src/decide/patience";
import type { Plan } from "../src/decide/run-plan";
import type { AutomaticConsumer, ConsumerSecrets } from "../src/keyturn-config";
import { HostUpdate } from "./host-update";

/** An automatic consumer with its file. */
export interface ConsumerFile {
  readonly consumer: AutomaticConsumer;
  /** The product's file as given; empty for file mode edit. */
  readonly given: pulumi.Output<string>;
  /** The same with the secret in place; empty for file mode edit. */
  readonly content: pulumi.Output<string>;
}

/** The secret to hand over, and what hands it over. */
export interface HostHandOverArgs {
  /** The credential's name. */
  readonly name: string;
  readonly plan: Pick<Plan, "target" | "attempt">;
  /** Text of the update script by interpreter. */
  readonly scripts: Readonly<Record<string, string>>;
  /** By consumer name; secret as a whole. */
  readonly secrets: pulumi.Output<Readonly<Record<string, ConsumerSecrets>>>;
  /** `<vault>:<credential>`, of which there is one in the world: a host refuses a file that another one has written. */
  readonly writer: pulumi.Input<string>;
  readonly keyId: pulumi.Output<string>;
  readonly value: pulumi.Output<string>;
  /** By consumer, what the state holds of its host's last update. */
  readonly formerUpdates: Readonly<Record<string, FormerUpdate>>;
  /** Of the issued secrets, those that Entra does not list. */
  readonly missing: readonly IssuedPassword[];
  readonly signInLog: SignInLogArgs;
}

/** What the sign-in log says of the automatic consumers; no secret. */
export interface SignInLogArgs {
  /** By consumer, the sign-in that this run has seen. */
  readonly evidence: Readonly<Record<string, AdoptionEvidence>>;
  /** By consumer, why it has seen none. */
  readonly notSeen: Readonly<Record<string, string>>;
  /** What earlier runs have seen. */
  readonly sightings: readonly Sighting[];
  /** Labels of the former secrets that this run lets go without the log's word. @default [] */
  readonly notProvenByLog?: readonly string[];
}

/** A log that nobody asked. */
export const NO_SIGN_IN_LOG: SignInLogArgs = { evidence: {}, notSeen: {}, sightings: [] };

/** What the hand-overs came to. */
export interface HostHandOver {
  readonly updates: readonly HostUpdate[];
  readonly outcomes: readonly pulumi.Output<HostOutcome>[];
}

/** Hands a secret to every consumer that the host transaction serves. @param dependsOn what comes before the first */
export function handOverToHosts(
  files: readonly ConsumerFile[],
  args: HostHandOverArgs,
  { parent, dependsOn }: { parent: pulumi.Resource; dependsOn: readonly pulumi.Resource[] },
): HostHandOver {
  const { name, plan, scripts, secrets, writer, keyId, value, formerUpdates, missing, signInLog } =
    args;
  const updates: HostUpdate[] = [];
  const outcomes: pulumi.Output<HostOutcome>[] = [];
  for (const { consumer, given, content } of files) {
    const { patienceSeconds } = consumer.host;
    const host = { ...consumer.host, patienceSeconds: patienceOf(patienceSeconds, files.length) };
    const update = new HostUpdate(
      `${name}-${consumer.name}`,
      {
        consumer: consumer.name,
        host,
        connection: consumer.connection,
        epoch: plan.target.label,
        attempt: plan.attempt,
        retry: consumer.retry,
        script: scripts[consumer.host.interpreter] ?? "",
        privateKey: secrets.apply((all) => all[consumer.name]?.privateKey ?? ""),
        writer,
        keyId,
        value,
        givenFile: given,
        content,
        refusal: (key) => goneProblem(name, missing, key, consumer.name),
        former: formerUpdates[consumer.name],
      },
      { parent, dependsOn: [...dependsOn, ...updates.slice(-1)] },
    );
    updates.push(update);
    outcomes.push(
      update.outcome.apply((outcome) =>
        withLevel(outcome, {
          evidence: signInLog.evidence[consumer.name],
          recorded: signInLog.sightings.find((one) => one.name === consumer.name),
          why: signInLog.notSeen[consumer.name],
        }),
      ),
    );
  }
  return { updates, outcomes };
}
