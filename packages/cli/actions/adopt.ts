// keyturn adopt with a key id: writes a secret that the state does not know, and that a service may hold, into the stack's
// config: it is listed and never removed.
import { type AdoptionRequest, decideAdoption } from "../decisions/adoption";
import { changeConfig } from "../project/change-config";
import type { StackOptions } from "../project/project";
import { readStack } from "../project/read-stack";

/** @returns what to tell the operator */
export async function adopt(request: AdoptionRequest, options: StackOptions): Promise<string> {
  const reading = await readStack(options);
  const decision = decideAdoption(request, reading.outputs, reading.config);
  if (!decision.write) return decision.said;

  const { keyId, label, ends } = request;
  const said = await changeConfig(reading, [
    { path: ["adopted", keyId, "label"], value: label },
    { path: ["adopted", keyId, "endDate"], value: ends },
  ]);
  return [
    `${label} (key id ${keyId}) is taken over: listed, and never removed by this stack.`,
    said,
    "Review and commit it; the next run respects its overlap.",
  ].join("\n");
}
