// The hand-overs to consumers that people serve: a one-time link each, where there is a server for it, and what came of
// them so far.
import type * as pulumi from "@pulumi/pulumi";
import { all, output, secret } from "@pulumi/pulumi";
import { HandOver } from "./hand-over";
import type { LastOutcome, LinkState, ManualOutcome } from "./pure/manual";
import { manualOutcome } from "./pure/manual";
import type { Confirmation, Consumer, ManualConsumer } from "./pure/settings";
import { isAutomatic } from "./pure/settings";

/** What is known of people's work at the start of the run; by consumer name, no secret. */
export interface PeopleArgs {
  /** SnapPass-compatible server; empty: the instruction names the vault secret. */
  readonly oneTimeServer: string;
  /** What people said. */
  readonly confirmations: Readonly<Record<string, Confirmation>>;
  /** What the sign-in log says. */
  readonly sightings: Readonly<Record<string, Confirmation>>;
  /** What the last run said. */
  readonly last: readonly LastOutcome[];
  /** What the server says about the last run's links. */
  readonly linkStates: Readonly<Record<string, LinkState>>;
}

/** The secret to hand over. */
export interface HandedOver {
  /** The credential's name. */
  readonly name: string;
  readonly epoch: string;
  readonly keyId: pulumi.Output<string>;
  /** Key id of the secret that was adopted last. */
  readonly activeKeyId: string | undefined;
  readonly value: pulumi.Output<string>;
  readonly vaultName: pulumi.Input<string>;
  readonly secretName: string;
}

/** What the hand-overs came to; the links are secret as a whole. */
export interface PeopleResult {
  readonly outcomes: readonly pulumi.Output<ManualOutcome>[];
  readonly links: pulumi.Output<Record<string, string>>;
}

/** Hands a secret to every consumer that people serve. */
export function handToPeople(
  consumers: readonly Consumer[],
  people: PeopleArgs,
  handed: HandedOver,
  opts: pulumi.ComponentResourceOptions,
): PeopleResult {
  const { name, epoch, keyId, activeKeyId, value, secretName } = handed;
  const { oneTimeServer, confirmations, sightings } = people;
  const manual = consumers.filter((one): one is ManualConsumer => !isAutomatic(one));
  const results = manual.map((consumer) => {
    const { linkSeconds } = consumer.handOver;
    const handOver =
      oneTimeServer === ""
        ? undefined
        : new HandOver(
            `${name}-${consumer.name}`,
            {
              ...{ consumer: consumer.name, epoch, retry: consumer.retry, linkSeconds },
              ...{ server: oneTimeServer, keyId, value },
            },
            opts,
          );
    const outcome = all([keyId, handed.vaultName, handOver?.made]).apply(([key, vaultName, link]) =>
      manualOutcome({
        ...{ consumer, epoch, keyId: key, activeKeyId, vaultName, secretName, link },
        confirmation: confirmations[consumer.name],
        sighting: sightings[consumer.name],
        last: people.last.find((one) => one.name === consumer.name),
        asked: people.linkStates[consumer.name],
      }),
    );
    return { outcome, link: handOver?.link ?? output("") };
  });
  const outcomes = results.map(({ outcome }) => outcome);
  const links = all([all(outcomes), all(results.map(({ link }) => link))]).apply(([said, texts]) =>
    Object.fromEntries(
      said.flatMap((one, index) => {
        const link = texts[index] ?? "";
        return one.adopted || link === "" ? [] : [[one.name, link]];
      }),
    ),
  );
  return { outcomes, links: secret(links) };
}
