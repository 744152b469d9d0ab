// A consumer that people serve: whether it is adopted, by whose word, and what people are to do until then.
// No secret: the one-time link is kept apart, in the output `links`.
import type { HostOutcome } from "./host-fields";
import type { ConsumerResult } from "./record";
import type { Confirmation, ManualConsumer } from "./settings";

/** What a hand-over by people came to; no secret. */
export interface ManualOutcome extends ConsumerResult {
  readonly kind: ManualConsumer["kind"];
  readonly outcome: "waiting" | "confirmed" | "seen";
  readonly reason: string;
  /** What to do, line by line; empty once it is done. */
  readonly instruction: readonly string[];
}

/** What one consumer's hand-over came to. */
export type Outcome = HostOutcome | ManualOutcome;

/** What is known about one consumer and the target's secret. */
export interface ManualFacts {
  readonly consumer: ManualConsumer;
  /** The target's epoch and key id. */
  readonly epoch: string;
  readonly keyId: string;
  /** What people said. */
  readonly confirmation: Confirmation | undefined;
  /** What the sign-in log says. */
  readonly sighting: Confirmation | undefined;
  /** Where the value is kept. */
  readonly vaultName: string;
  readonly secretName: string;
}

/** What the hand-over came to: waiting, unless people or the sign-in log name the target's own key id. */
export function manualOutcome(facts: ManualFacts): ManualOutcome {
  const { consumer, epoch, keyId, confirmation, sighting } = facts;
  const { name, kind } = consumer;
  const same = (other: Confirmation | undefined): other is Confirmation =>
    other?.keyId.toLowerCase() === keyId.toLowerCase();
  const done = { name, kind, adopted: true, keyId, instruction: [] };
  if (same(confirmation)) {
    const reason = `Holds ${epoch}, confirmed on ${confirmation.on}.`;
    return { ...done, outcome: "confirmed", reason };
  }
  if (same(sighting)) {
    const reason = `Signed in with ${epoch} on ${sighting.on}, says the sign-in log.`;
    return { ...done, outcome: "seen", reason };
  }
  const reason = `Waits for ${consumer.handOver.recipient} to put in the secret of ${epoch}.`;
  const instruction = instructionOf(facts);
  return { name, kind, outcome: "waiting", adopted: false, keyId, reason, instruction };
}

function instructionOf(facts: ManualFacts): string[] {
  const { consumer, confirmation, epoch, keyId } = facts;
  return [
    ...(confirmation === undefined
      ? []
      : [
          `The confirmation of ${confirmation.on} is for key id ${confirmation.keyId}, not for ${epoch}: it does not count here.`,
        ]),
    `Read the new value: az keyvault secret show --vault-name ${facts.vaultName} --name ${facts.secretName} --query value -o tsv`,
    ...consumer.handOver.steps,
    `Say that it is done: keyturn confirm ${consumer.name} (key id ${keyId}).`,
  ];
}
