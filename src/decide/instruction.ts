// What people are to do with a new secret, line by line. No line holds a secret or a link.
import type { LinkState } from "../contracts/one-time-link";
import type { ManualFacts } from "./outcome";

/** The instruction of one hand-over: get the value, take the product's own steps, say that it is done. */
export function instructionOf(facts: ManualFacts, state: LinkState | undefined): string[] {
  const { consumer, confirmation, activeKeyId, epoch, keyId } = facts;
  return [
    ...(confirmation === undefined || confirmation.keyId === activeKeyId
      ? []
      : [
          `The confirmation of ${confirmation.on} is for key id ${confirmation.keyId}, not for ${epoch}: it does not count here.`,
        ]),
    ...(state === undefined ? valueLines(facts) : linkLines(facts, state)),
    ...consumer.handOver.steps,
    `Once it signs in with the new secret, say so: keyturn confirm ${consumer.name} (key id ${keyId}).`,
  ];
}

function valueLines({ consumer, vaultName, secretName }: ManualFacts): string[] {
  return [
    `Read the new value: az keyvault secret show --vault-name ${vaultName} --name ${secretName} --query value -o tsv`,
    ...(consumer.kind === "handover"
      ? [
          `Put it into a one-time link for ${consumer.handOver.recipient}; never send the value itself.`,
        ]
      : []),
  ];
}

function linkLines({ consumer, link }: ManualFacts, state: LinkState): string[] {
  const { name, handOver } = consumer;
  if (state === "read or expired") {
    return [
      `The one-time link was read or has expired. If ${handOver.recipient} does not have the value, make another: keyturn link ${name} --again`,
    ];
  }
  return [
    `Get the one-time link for ${handOver.recipient}: keyturn link ${name}. It opens once, until ${link?.expires ?? ""}.`,
  ];
}
