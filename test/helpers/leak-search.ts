// The search for leaks on the lab of one stack: every value that was ever secret in the lab, links included.
import { type Leak, leaksIn, leaksInFolder } from "./leaks";
import type { LabStack } from "./lab-stack";

/** What was found in prints, files, outputs (links left out) and state; and for how many values it was searched. */
export async function searchForLeaks(
  labStack: LabStack,
): Promise<{ readonly values: number; readonly leaks: readonly Leak[] }> {
  const { control, stack } = labStack.rehearsal;
  const deployer = (await control.environment())["ARM_CLIENT_SECRET"];
  const values = (await control.secretValues()).filter((value) => value !== deployer);
  const { links, ...outputs } = await stack.shownOutputs();
  const hidden = links === undefined || (await stack.outputs())["links"] === "[secret]";
  return {
    values: values.length,
    leaks: [
      ...(hidden ? [] : [{ where: "links is not secret", which: 0 }]),
      ...leaksIn("printed", labStack.printed, values),
      ...leaksIn("outputs", JSON.stringify(outputs), values),
      ...leaksIn("state", await stack.exportState(), values),
      ...leaksInFolder(labStack.dir, values),
    ],
  };
}
