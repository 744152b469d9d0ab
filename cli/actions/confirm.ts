// keyturn confirm: writes who holds the secret in flight into the stack's settings, where it is reviewed and committed.
import { dayText, dayOf } from "../../components/pure/schedule";
import { type ConfirmationRequest, decideConfirmation } from "../decisions/confirmation";
import type { StackOptions } from "../project/project";
import { readStack } from "../project/read-stack";
import { SettingsFile } from "../project/settings-file";
import { writeSettings } from "../project/write-settings";

/** @returns what to tell the operator */
export async function confirm(
  request: ConfirmationRequest,
  options: StackOptions,
): Promise<string> {
  const { project, outputs, settings, now } = await readStack(options);
  const decision = decideConfirmation(request, outputs, settings);
  if (!decision.write) return decision.said;

  const { consumer } = request;
  const { epoch, keyId, since } = decision;
  const on = dayText(dayOf(now));
  const file = new SettingsFile(project.settingsPath, project.name);
  file.set("confirmations", keyId, [consumer, "keyId"]);
  file.set("confirmations", on, [consumer, "on"]);
  const others = settings["confirmations"] as object | undefined;
  await writeSettings(project, file, { confirmations: { ...others, [consumer]: { keyId, on } } });
  return [
    `${consumer} holds ${epoch} (key id ${keyId}), in flight since ${since}.`,
    file.diff(),
    `Review and commit it; the next run adopts.`,
  ].join("\n");
}
