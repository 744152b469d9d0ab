// The hand-overs to consumers that people serve: a one-time link each, where there is a server for it, and what came of
// them so far.
import type * as pulumi from "@pulumi/pulumi";
import { RunError, all, output, secret } from "@pulumi/pulumi";
import { OneTimeLink } from "./one-time-link";
import type { IssuedPassword } from "../src/decide/history";
import { goneProblem } from "../src/decide/inventory";
import type { AdoptionEvidence } from "../src/decide/adoption-evidence";
import type { LastOutcome, ManualOutcome } from "../src/decide/outcome";
import type { LinkState } from "../src/contracts/one-time-link";
import { manualOutcome } from "../src/decide/manual";
import type { Confirmation, Consumer, ManualConsumer } from "../src/keyturn-config";
import { isAutomatic } from "../src/keyturn-config";

/** What is known of people's work at the start of the run; by consumer name, no secret. */
export interface ManualArgs {
  /** SnapPass-compatible server; empty: the instruction names the vault secret. */
  readonly oneTimeServer: string;
  /** Confirmations from the config: by consumer name, the key id that people say it holds, and since when. */
  readonly confirmations: Readonly<Record<string, Confirmation>>;
  /** What the sign-in log says. */
  readonly adoptionEvidence: Readonly<Record<string, AdoptionEvidence>>;
  /** Outcomes of these consumers from the stack's last outputs, by which a link that was made is not made again. */
  readonly last: readonly LastOutcome[];
  /** What the server says about the last run's links. */
  readonly linkStates: Readonly<Record<string, LinkState>>;
}

/** The secret to hand over. */
export interface HandedSecret {
  /** The credential's name. */
  readonly name: string;
  readonly epoch: string;
  readonly keyId: pulumi.Output<string>;
  /** Of the issued secrets, those that Entra does not list. */
  readonly missing: readonly IssuedPassword[];
  /** Key id of the secret that was adopted last. */
  readonly activeKeyId: string | undefined;
  readonly value: pulumi.Output<string>;
  readonly vaultName: pulumi.Input<string>;
  readonly secretName: string;
}

/** What the hand-overs came to; the links are secret as a whole. */
export interface ManualHandOver {
  readonly outcomes: readonly pulumi.Output<ManualOutcome>[];
  readonly links: pulumi.Output<Record<string, string>>;
}

/** Hands a secret to every consumer that people serve. */
export function handOverManually(
  consumers: readonly Consumer[],
  manual: ManualArgs,
  handed: HandedSecret,
  opts: pulumi.ComponentResourceOptions,
): ManualHandOver {
  const { name, epoch, activeKeyId, value, secretName, missing } = handed;
  const { oneTimeServer, confirmations, adoptionEvidence } = manual;
  const served = consumers.filter((one): one is ManualConsumer => !isAutomatic(one));
  const results = served.map((consumer) => {
    const { linkSeconds } = consumer.handOver;
    const last = manual.last.find((one) => one.name === consumer.name);
    const keyId = handed.keyId.apply((key) => {
      const holds = last !== undefined && last.outcome !== "waiting" && last.keyId === key;
      const problem = holds ? undefined : goneProblem(name, missing, key, consumer.name);
      if (problem !== undefined) throw new RunError(problem);
      return key;
    });
    const oneTimeLink =
      oneTimeServer === ""
        ? undefined
        : new OneTimeLink(
            `${name}-${consumer.name}`,
            {
              consumer: consumer.name,
              epoch,
              retry: consumer.retry,
              linkSeconds,
              server: oneTimeServer,
              keyId,
              value,
            },
            opts,
          );
    const outcome = all([keyId, handed.vaultName, oneTimeLink?.made]).apply(
      ([key, vaultName, link]) =>
        manualOutcome({
          consumer,
          epoch,
          keyId: key,
          activeKeyId,
          vaultName,
          secretName,
          link,
          confirmation: confirmations[consumer.name],
          evidence: adoptionEvidence[consumer.name],
          last,
          asked: manual.linkStates[consumer.name],
        }),
    );
    return { outcome, link: oneTimeLink?.link ?? output("") };
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
