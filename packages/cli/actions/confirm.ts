// keyturn confirm: writes who holds the secret in flight into the stack's config, where it is reviewed and committed.
import { dayText, dayOf } from "../../../src/decide/schedule";
import { type ConfirmationRequest, decideConfirmation } from "../decisions/confirmation";
import { changeConfig } from "../project/change-config";
import type { StackOptions } from "../project/project";
import { readStack } from "../project/read-stack";

/** @returns what to tell the operator */
export async function confirm(
  request: ConfirmationRequest,
  options: StackOptions,
): Promise<string> {
  const reading = await readStack(options);
  const { outputs, config, now } = reading;
  const decision = decideConfirmation(request, outputs, config);
  if (!decision.write) return decision.said;

  const { consumer } = request;
  const { epoch, keyId, since } = decision;
  const on = dayText(dayOf(now));
  const said = await changeConfig(reading, [
    { path: ["confirmations", consumer, "keyId"], value: keyId },
    { path: ["confirmations", consumer, "on"], value: on },
  ]);
  return [
    `${consumer} holds ${epoch} (key id ${keyId}), in flight since ${since}.`,
    said,
    `Review and commit it; the next run adopts.`,
  ].join("\n");
}
